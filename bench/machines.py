"""Machines of either program as benchmarks start and ask them: each a process with a QMP client and a serial line."""
import json, os, queue, socket, subprocess, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
HANDOVER = os.environ.get("HANDOVER", os.path.join(ROOT, "handover"))
QUIET_CARD = ",gso=on,csum=off,guest_csum=off,guest_tso4=off,guest_tso6=off,host_tso4=off,host_tso6=off"


class Qmp:
    """A client that keeps every event; commands and events come from one reading thread."""

    def __init__(self, path, process, patience=60):
        deadline = time.monotonic() + patience
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("no QMP at " + path)
                time.sleep(0.02)
        self.replies, self.events, self.grown = queue.Queue(), [], threading.Condition()
        self.closed = False
        threading.Thread(target=self._read, daemon=True).start()
        self.command("qmp_capabilities")

    def _read(self):
        try:
            for line in self.socket.makefile("r"):
                message = json.loads(line)
                if "event" in message:
                    with self.grown:
                        self.events.append(message)
                        self.grown.notify_all()
                elif "QMP" not in message:
                    self.replies.put(message)
        except (OSError, ValueError):
            pass
        self.closed = True
        self.replies.put({"error": {"desc": "the connection has ended"}})
        with self.grown:
            self.grown.notify_all()

    def command(self, name, **arguments):
        try:
            self.socket.sendall(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
            reply = self.replies.get(timeout=30)
        except (OSError, queue.Empty) as e:
            raise RuntimeError(f"{name}: {e}") from e
        if "error" in reply:
            raise RuntimeError(f"{name}: {reply['error']['desc']}")
        return reply["return"]

    def event(self, wanted, patience=120):
        """The first event that matches, as seconds of the host's clock."""
        deadline = time.monotonic() + patience
        with self.grown:
            while True:
                for e in self.events:
                    if wanted(e):
                        return e["timestamp"]["seconds"] + e["timestamp"]["microseconds"] / 1e6
                if self.closed or time.monotonic() > deadline:
                    raise RuntimeError("an event did not come; came: " + ", ".join(e["event"] for e in self.events))
                self.grown.wait(0.1)


class Machine:
    count = 0

    def __init__(self, folder, program, options):
        Machine.count += 1
        name = os.path.join(folder, f"m{Machine.count}")
        self.program, self.log = program, open(name + ".log", "w+")
        command = program.command + options + ["-nodefaults", "-display", "none"][: 4 if program.qemu else 1]
        self.address = f"unix:{name}.check"
        command += ["-qmp", self.address + ",server=on,wait=off"]
        command += ["-qmp", f"unix:{name}.qmp,server=on,wait=off", "-serial", f"unix:{name}.serial,server=on,wait=off"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.serial = name + ".serial"
        try:
            self.qmp = Qmp(name + ".qmp", self.process)
        except RuntimeError as e:
            self.close()
            self.log.seek(0)
            raise RuntimeError(f"{e}: {self.log.read().strip()}") from e

    def status(self):
        try:
            return self.qmp.command("query-status")["status"]
        except RuntimeError:
            return "gone"

    def set(self, parameters, **capabilities):
        if capabilities:
            self.qmp.command("migrate-set-capabilities",
                             capabilities=[{"capability": k.replace("_", "-"), "state": v} for k, v in capabilities.items()])
        if parameters:
            self.qmp.command("migrate-set-parameters", **parameters)

    def console(self):
        line = socket.socket(socket.AF_UNIX)
        line.connect(self.serial)
        return line

    def close(self):
        self.process.kill()
        self.process.wait()


class Program:
    def __init__(self, name, command, qemu, cpu, machine="virt"):
        self.name, self.command, self.qemu, self.cpu, self.machine = name, command, qemu, cpu, machine

    def pulse(self, image):
        """What a machine boots that is only to be moved; the PC's firmware will do."""
        return ["-bios", "none", "-kernel", image, "-append", "beat=500"] if self.machine == "virt" else []

    def options(self, smp=1, mib=256, card="virtio-net-pci,netdev=n", netdev="hubport,id=n,hubid=0"):
        options = ["-M", self.machine, "-m", str(mib), "-smp", str(smp)]
        if self.qemu and self.cpu:
            options += ["-cpu", self.cpu, "-global", "virtio-mmio.force-legacy=false"]
        if card:
            options += ["-netdev", netdev]
            for one in card.split("+"):
                options += ["-device", one + ("" if self.qemu else QUIET_CARD)]
        return options
