package handover.cli;

import handover.guest.GuestCache;
import handover.machine.MachineSpec;
import handover.machine.MachineSpec.Backend;
import handover.machine.MachineSpecBuilder;
import handover.monitor.MonitorAddress;
import handover.riscv.Acceleration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Gathers {@code handover vm}'s options one by one, and every problem with them. */
final class VmArguments {
  private static final int PAGE = 4096;
  private static final Set<String> ONCE =
      Set.of(
          "-M",
          "-m",
          "-smp",
          "-cpu",
          "-accel",
          "-bios",
          "-kernel",
          "-initrd",
          "-append",
          "-incoming",
          "-name",
          "-uuid");

  private final Set<String> problems = new LinkedHashSet<>();
  private final OptionValues values = new OptionValues(this::problem);
  private final Set<String> seen = new LinkedHashSet<>();
  private Optional<String> help = Optional.empty();
  private final MachineSpecBuilder spec = MachineSpec.builder();
  private final Map<String, String> machineOptions = new LinkedHashMap<>();
  private Optional<Path> bios = Optional.empty();
  private boolean defaultBios = true;
  private Optional<Path> kernel = Optional.empty();
  private final List<Backend> chardevs = new ArrayList<>();
  private final List<Backend> netdevs = new ArrayList<>();
  private final List<Backend> drives = new ArrayList<>();
  private final List<Backend> devices = new ArrayList<>();
  private final GlobalProperties globals = new GlobalProperties(this::problem);
  private final List<String> serials = new ArrayList<>();
  private final List<MonitorAddress> qmp = new ArrayList<>();
  private final List<MonitorAddress> monitors = new ArrayList<>();
  private boolean noGraphic;
  private boolean noDefaults;

  void problem(String problem) {
    problems.add(problem);
  }

  private void once(String option) {
    if (ONCE.contains(option) && !seen.add(option)) {
      problem("option '" + option + "' is given twice");
    }
  }

  void machine(String text) {
    once("-M");
    Map<String, String> options = values.keyValues("-M", text, "type");
    String type = Optional.ofNullable(options.remove("type")).orElse("virt");
    spec.machineType(type);
    machineOptions.putAll(options);
    if (type.equals("help")) {
      help = Optional.of(VmHelp.machines());
    }
  }

  void memory(String text) {
    once("-m");
    Sizes.parse(values.single("-m", text, "size", ""), 'M')
        .ifPresentOrElse(
            this::memory, () -> problem("-m expects a size such as 256 or 1G, got '" + text + "'"));
  }

  private void memory(long bytes) {
    if (bytes > 0 && bytes % PAGE == 0) {
      spec.memoryBytes(bytes);
    } else {
      problem("-m expects a multiple of 4 KiB, got %d bytes".formatted(bytes));
    }
  }

  void prealloc(String unused) {
    machineOptions.put("mem-prealloc", "on");
  }

  void overcommit(String text) {
    String lock = values.single("-overcommit", text, "mem-lock", "off");
    if (lock.equals("on") || lock.equals("off")) {
      machineOptions.put("mem-lock", lock);
    } else {
      problem("-overcommit expects mem-lock=on or mem-lock=off, got '" + text + "'");
    }
  }

  void harts(String text) {
    once("-smp");
    String count = values.single("-smp", text, "cpus", "");
    if (count.matches("[0-9]{1,4}")) {
      spec.harts(Integer.parseInt(count));
    } else {
      problem("-smp expects a number of harts, got '" + text + "'");
    }
  }

  void cpu(String text) {
    once("-cpu");
    Map<String, String> features = values.keyValues("-cpu", text, "model");
    String model = Optional.ofNullable(features.remove("model")).orElse("rv64");
    spec.cpuModel(model).cpuFeatures(features);
    if (model.equals("help")) {
      help = Optional.of(VmHelp.cpus());
    }
  }

  void accel(String text) {
    once("-accel");
    spec.acceleration(
        Acceleration.parse(
            values.keyValues("-accel", text, "accel"),
            problem -> problem("-accel " + text + ": " + problem)));
  }

  void bios(String text) {
    once("-bios");
    defaultBios = text.equals("default");
    bios = defaultBios || text.equals("none") ? Optional.empty() : values.path("-bios", text);
  }

  void kernel(String text) {
    once("-kernel");
    kernel = values.path("-kernel", text);
  }

  void initrd(String text) {
    once("-initrd");
    spec.initrd(values.path("-initrd", text));
  }

  void append(String text) {
    once("-append");
    spec.append(text);
  }

  void chardev(String text) {
    Backend chardev = values.backend("-chardev", text, "backend");
    if (OptionValues.asksForHelp(chardev)) {
      help = Optional.of(VmHelp.chardevs(chardev.kind()));
    }
    chardevs.add(chardev);
  }

  void netdev(String text) {
    Backend netdev = values.backend("-netdev", text, "type");
    if (OptionValues.asksForHelp(netdev)) {
      help = Optional.of(VmHelp.netdevs(netdev.kind()));
    }
    netdevs.add(netdev);
  }

  void device(String text) {
    Backend device = values.backend("-device", text, "driver");
    if (OptionValues.asksForHelp(device)) {
      help = Optional.of(VmHelp.devices(device.kind()));
    }
    devices.add(device);
  }

  void global(String text) {
    globals.add(text);
  }

  void drive(String text) {
    drives.add(new Backend("", values.keyValues("-drive", text, "file")));
  }

  void serial(String text) {
    serials.add(text);
  }

  void noGraphic(String unused) {
    noGraphic = true;
  }

  void noDefaults(String unused) {
    noDefaults = true;
  }

  void qmp(String text) {
    values.address("-qmp", text).ifPresent(qmp::add);
  }

  void monitor(String text) {
    values.address("-monitor", text).ifPresent(monitors::add);
  }

  void incoming(String text) {
    once("-incoming");
    spec.incoming(Optional.of(text));
    if (!text.matches("defer|(tcp|unix|file):.*")) {
      problem(
          "-incoming expects tcp:HOST:PORT, unix:PATH, file:PATH[,offset=BYTES] or defer, got '"
              + text
              + "'");
    }
  }

  void startPaused(String unused) {
    spec.startPaused(true);
  }

  void name(String text) {
    once("-name");
    spec.name(Optional.of(values.single("-name", text, "guest", "")).filter(n -> !n.isEmpty()));
  }

  void uuid(String text) {
    once("-uuid");
    // UUID.fromString alone would take 1-2-3-4-5.
    if (text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
      spec.uuid(Optional.of(UUID.fromString(text)));
    } else {
      problem(
          "-uuid expects a UUID such as 123e4567-e89b-12d3-a456-426614174000, got '%s'"
              .formatted(text));
    }
  }

  void help(String unused) {
    help = Optional.of(VmOption.usage());
  }

  /** Everything together, after the last option. */
  VmCommandLine finish() {
    if (defaultBios) {
      bios = kernel.flatMap(k -> Firmware.forKernel(k, GuestCache.standard(), this::problem));
    }
    addDefaultSerial();
    requireOneStdio();
    spec.machineOptions(globals.complete(machineOptions))
        .bios(bios)
        .kernel(kernel)
        .chardevs(List.copyOf(chardevs))
        .netdevs(List.copyOf(netdevs))
        .drives(List.copyOf(drives))
        .devices(devices.stream().map(globals::complete).toList())
        .serials(List.copyOf(serials));
    return new VmCommandLine(
        spec.build(), List.copyOf(qmp), List.copyOf(monitors), help, List.copyOf(problems));
  }

  /** There are no windows: where QEMU would open one for the serial port, it gets the terminal. */
  private void addDefaultSerial() {
    boolean free = stdioUsers().isEmpty();
    if (serials.isEmpty() && (noGraphic || !noDefaults && free)) {
      serials.add(noGraphic ? "mon:stdio" : "stdio");
    }
  }

  private void requireOneStdio() {
    List<String> users = stdioUsers();
    if (users.size() > 1) {
      problem(
          "%s all want standard input; give all but one another place"
              .formatted(String.join(", ", users)));
    }
  }

  private List<String> stdioUsers() {
    return StdioUsers.among(chardevs, serials, qmp, monitors);
  }
}
