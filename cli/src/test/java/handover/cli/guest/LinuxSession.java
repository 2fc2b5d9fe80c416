package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import handover.lab.Probe;
import handover.lab.ProbeSettings;
import handover.lab.VmProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Debian's kernel with a shell on its console, an ext4 disk {@code d0}, and a wire {@code n0} with
 * a probe on it, and a far end {@code c0} for a second console; follows the guest when it moves.
 */
final class LinuxSession implements AutoCloseable {
  static final Duration COMMAND = Duration.ofMinutes(2);
  private static final Duration BOOT = Duration.ofMinutes(4);
  private static final int DISK_BYTES = 16 << 20;

  private final Path folder;
  private final List<String> hardware;
  private final LinuxGuest files;
  private final LearningSwitch hub = new LearningSwitch();
  private final List<VmProcess> machines = new ArrayList<>();
  private final Netdev wire;
  private final Probe probe;
  private final GuestShell shell = new GuestShell(this::current, COMMAND);

  /**
   * Boots a guest and waits for its shell.
   *
   * @param hardware options of {@code handover vm} that say what the machine is made of
   */
  LinuxSession(Path folder, List<String> hardware) throws Exception {
    this.folder = folder;
    this.hardware = hardware;
    files = GuestCache.standard().fetch(System.out::println);
    makeDisk();
    hub.listen(UnixDomainSocketAddress.of(folder.resolve("hub")));
    wire = wire(folder);
    probe = new Probe(wire, ProbeSettings.defaults().withPerSecond(100));
    machines.add(VmProcess.start(folder, "first", options("first")));
    assertThat(current().console().await(Pattern.compile(LinuxGuest.READY), 0, BOOT))
        .as("what the guest printed: %s", current().console().since(0))
        .isPresent();
  }

  VmProcess current() {
    return machines.getLast();
  }

  Probe probe() {
    return probe;
  }

  /** Waits for that many answers more than there are. */
  void answers(long more) throws InterruptedException {
    assertThat(probe.awaitReceived(probe.report().received() + more, COMMAND))
        .as("probes answered: %s", probe.report())
        .isTrue();
  }

  /** Moves the guest to a fresh machine, whose memory is compared with the source's. */
  MigrationOutcome move(String name) throws Exception {
    VmProcess source = current();
    List<String> waiting = new ArrayList<>(options(name));
    waiting.addAll(List.of("-incoming", "defer"));
    VmProcess destination = VmProcess.start(folder, name, waiting);
    MigrationPlan plan =
        MigrationPlan.to("tcp:127.0.0.1:0").withCapabilities(Map.of("x-verify-ram", true));
    MigrationOutcome outcome;
    try {
      outcome = new MigrationDriver(source.qmp(), destination.qmp(), plan).run(progress -> {});
      assertThat(outcome.moved()).as("%s %s", outcome.words(), outcome.reasons()).isTrue();
    } catch (Throwable e) {
      destination.close();
      throw e;
    }
    machines.add(destination);
    return outcome;
  }

  /** Runs a command line in the guest's shell; returns what it printed. */
  String shell(String command) throws IOException, InterruptedException {
    return shell.run(command);
  }

  /** Puts a file on the disk and reads it back after unmounting; its checksum. */
  String fileOnDisk() throws IOException, InterruptedException {
    String sums =
        shell(
            "mkdir -p /mnt && mount -t ext4 /dev/vda /mnt"
                + " && dd if=/dev/urandom of=/mnt/file bs=64k count=64 2>/dev/null"
                + " && sha256sum </mnt/file && sync && umount /mnt"
                + " && mount -t ext4 /dev/vda /mnt && sha256sum </mnt/file");
    Matcher sum = Pattern.compile("[0-9a-f]{64}").matcher(sums);
    assertThat(sum.find()).as(sums).isTrue();
    String written = sum.group();
    assertThat(sum.find()).as(sums).isTrue();
    assertThat(sum.group()).isEqualTo(written);
    return written;
  }

  void powerOff() throws InterruptedException, IOException {
    current().console().type("sync; umount /mnt; poweroff -f\n");
    assertThat(current().process().waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS))
        .as("the process ends after poweroff; printed: %s", current().console().since(0))
        .isTrue();
    assertThat(current().process().exitValue()).as(current().log()).isZero();
  }

  @Override
  public void close() {
    for (VmProcess machine : machines) {
      machine.close();
    }
    probe.close();
    wire.close();
    hub.close();
  }

  private List<String> options(String name) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-netdev",
                "stream,id=n0,addr.type=unix,addr.path=" + folder.resolve("hub"),
                "-chardev",
                "socket,id=c0,server=on,path=" + folder.resolve(name + ".hvc"),
                "-drive",
                "id=d0,format=raw,file=" + folder.resolve("disk")));
    options.addAll(files.options(""));
    options.addAll(hardware);
    return options;
  }

  /** An ext4 file system made by the host's own tools. */
  private void makeDisk() throws IOException, InterruptedException {
    Path disk = Files.write(folder.resolve("disk"), new byte[DISK_BYTES]);
    Process mke2fs =
        new ProcessBuilder("/sbin/mke2fs", "-q", "-t", "ext4", "-F", disk.toString())
            .inheritIO()
            .start();
    assertThat(mke2fs.waitFor()).as("mke2fs (package e2fsprogs)").isZero();
  }

  /** A netdev for a probe, on the wire at {@code folder/hub}. */
  static Netdev wire(Path folder) {
    return new Netdevs()
        .open(
            "stream",
            Map.of("id", "p", "addr.type", "unix", "addr.path", folder.resolve("hub") + ""),
            problem -> {
              throw new AssertionError(problem);
            })
        .orElseThrow();
  }
}
