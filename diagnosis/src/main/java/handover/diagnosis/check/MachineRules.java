package handover.diagnosis.check;

import handover.diagnosis.check.Rule.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What rules about the machine as a whole look for. */
final class MachineRules {
  /** Machine properties that decide which devices the board has. */
  private static final Set<String> BOARD =
      Set.of(
          "aia",
          "aia-guests",
          "aclint",
          "acpi",
          "gic-version",
          "its",
          "iommu",
          "secure",
          "virtualization",
          "mte",
          "ras",
          "highmem",
          "usb",
          "graphics",
          "pit",
          "pic",
          "sata",
          "smbus",
          "i8042",
          "smm",
          "vmport",
          "hpet",
          "kernel-irqchip",
          "pcie",
          "rtc",
          "iommu-sys");

  /** Settings of the host, or that a guest gets with its memory. */
  private static final Set<String> HOST =
      Set.of(
          "kernel",
          "initrd",
          "append",
          "dtb",
          "dumpdtb",
          "shim",
          "firmware",
          "mem-merge",
          "dump-guest-core",
          "phandle-start",
          "pflash0",
          "pflash1",
          "boot",
          "memory",
          "smp",
          "dt-compatible");

  private static final Set<String> X86 = Set.of("i386", "x86_64");

  private static final Set<String> HELD =
      Set.of("h", "v", "sstc", "zcmt", "zicfilp", "zicfiss", "smstateen", "smctr");

  private static final Set<String> SENDABLE = Set.of("running", "paused", "prelaunch", "suspended");
  private static final String NO_UUID = "00000000-0000-0000-0000-000000000000";

  /**
   * Tables the firmware makes; a smaller one fits, and the larger is made when there is a guest.
   */
  private static final String GENERATED = "/rom@etc/";

  private MachineRules() {}

  static List<Found> blocked(MachineFacts s, MachineFacts d) {
    List<Found> found = new ArrayList<>();
    s.blockedReasons().forEach(r -> found.add(new Found("migration blocked", r, "")));
    d.blockedReasons().forEach(r -> found.add(new Found("migration blocked", "", r)));
    return found;
  }

  static List<Found> sourceState(MachineFacts s, MachineFacts d) {
    return SENDABLE.contains(s.status())
        ? List.of()
        : List.of(new Found("run state", s.status(), d.status()));
  }

  static List<Found> destinationState(MachineFacts s, MachineFacts d) {
    return d.status().equals("inmigrate")
        ? List.of()
        : List.of(new Found("run state", s.status(), d.status()));
  }

  static List<Found> uuid(MachineFacts s, MachineFacts d) {
    boolean compared = s.has("validate-uuid") && d.has("validate-uuid");
    return compared && !d.uuid().equals(NO_UUID)
        ? differing("uuid", s.uuid(), d.uuid())
        : List.of();
  }

  static List<Found> architecture(MachineFacts s, MachineFacts d) {
    return differing("instruction set", s.architecture(), d.architecture());
  }

  static List<Found> machineType(MachineFacts s, MachineFacts d) {
    return both("machine type (-M)", s.machine(), d.machine());
  }

  static List<Found> cpus(MachineFacts s, MachineFacts d) {
    return spareCpus(s, d).isEmpty() ? cpuCounts(s, d) : List.of();
  }

  /** On x86 each CPU has sections of its own, and one that no section comes for stays as it was. */
  static List<Found> spareCpus(MachineFacts s, MachineFacts d) {
    return X86.contains(s.architecture()) && s.cpus() < d.cpus() ? cpuCounts(s, d) : List.of();
  }

  private static List<Found> cpuCounts(MachineFacts s, MachineFacts d) {
    return differing("number of CPUs (-smp)", "" + s.cpus(), "" + d.cpus());
  }

  static List<Found> cpuType(MachineFacts s, MachineFacts d) {
    return both("CPU (-cpu)", s.cpuType(), d.cpuType());
  }

  static List<Found> cpuProperties(MachineFacts s, MachineFacts d) {
    return properties("-cpu ", s.cpuProperties(), d.cpuProperties());
  }

  static List<Found> boardProperties(MachineFacts s, MachineFacts d) {
    return properties("-M ", s.machineProperties(), d.machineProperties()).stream()
        .filter(f -> BOARD.contains(f.subject().substring(3)))
        .toList();
  }

  static List<Found> otherProperties(MachineFacts s, MachineFacts d) {
    return properties("-M ", s.machineProperties(), d.machineProperties()).stream()
        .filter(f -> !BOARD.contains(f.subject().substring(3)))
        .filter(f -> !HOST.contains(f.subject().substring(3)))
        .toList();
  }

  static List<Found> missingBlocks(MachineFacts s, MachineFacts d) {
    if (d.ramBlocks().isEmpty()) {
      return List.of();
    }
    return s.ramBlocks().entrySet().stream()
        .filter(e -> !d.ramBlocks().containsKey(e.getKey()))
        .filter(e -> !d.handover() || !e.getKey().startsWith(GENERATED))
        .map(e -> new Found("RAM block " + e.getKey(), bytes(e.getValue()), "none"))
        .toList();
  }

  static List<Found> blockSizes(MachineFacts s, MachineFacts d) {
    List<Found> found = new ArrayList<>();
    s.ramBlocks()
        .forEach(
            (name, size) -> {
              Long there = d.ramBlocks().get(name);
              if (there != null && !there.equals(size) && !name.startsWith(GENERATED)) {
                found.add(new Found("RAM block " + name, bytes(size), bytes(there)));
              }
            });
    return found;
  }

  private static String bytes(long bytes) {
    return "0x%x".formatted(bytes);
  }

  /**
   * Extensions with state of their own, which no Handover takes however the guest uses them: what
   * the declaration of its hart refuses.
   */
  static List<Found> heldExtensions(MachineFacts s, MachineFacts d) {
    return s.handover() || !d.handover()
        ? List.of()
        : cpuProperties(s, d).stream()
            .filter(f -> HELD.contains(f.subject().substring("-cpu ".length())))
            .filter(f -> f.source().equals("on"))
            .toList();
  }

  private static List<Found> both(String what, Optional<String> here, Optional<String> there) {
    return here.isPresent() && there.isPresent()
        ? differing(what, here.get(), there.get())
        : List.of();
  }

  /** Those that both sides have with different values. */
  static List<Found> properties(
      String prefix, Map<String, String> here, Map<String, String> there) {
    List<Found> found = new ArrayList<>();
    here.forEach(
        (name, value) -> {
          if (there.containsKey(name)) {
            found.addAll(differing(prefix + name, value, there.get(name)));
          }
        });
    return found;
  }

  private static List<Found> differing(String what, String here, String there) {
    return here.equals(there) ? List.of() : List.of(new Found(what, here, there));
  }
}
