package handover.diagnosis.check;

import handover.diagnosis.check.Rule.Found;
import handover.vmstate.QemuRelease;
import java.util.List;
import java.util.Optional;

/** What a difference in QEMU's version does where the machine type does not pin the format. */
final class VersionRules {
  private VersionRules() {}

  /** A Handover writes what one release of QEMU reads. */
  static List<Found> stream(MachineFacts s, MachineFacts d) {
    String written = s.machineProperties().getOrDefault("stream", "");
    String read = "qemu-" + d.version();
    boolean known = QemuRelease.named(written).isPresent() && QemuRelease.named(read).isPresent();
    return !s.handover() || d.handover() || !known || written.equals(read)
        ? List.of()
        : List.of(new Found("stream (-M virt,stream=)", written, read));
  }

  /** The last release known to repeat a served wired interrupt for ever where it is a message. */
  private static final String WITHOUT_MESSAGES = "7.2";

  /** What a Handover refuses to send, and a QEMU would stand still with. */
  static List<Found> interruptFiles(MachineFacts s, MachineFacts d) {
    boolean used = s.machineProperties().getOrDefault("aia", "").equals("aplic-imsic");
    return used && s.handover() && !d.handover() && d.version().equals(WITHOUT_MESSAGES)
        ? List.of(new Found("-M aia with QEMU " + d.version(), "aplic-imsic", d.name()))
        : List.of();
  }

  /** The first release that was measured and misses no stores; since 7.2 none was in between. */
  private static final int FIRST_SOUND = 10;

  /** Dirty pages are collected 64 at a time where memory has a multiple of so many. */
  private static final long COLLECTED_AT_ONCE = 64 << 12;

  /**
   * What a QEMU without KVM loses of a guest that goes on storing while it is sent. One that stands
   * still stores nothing.
   */
  static List<Found> missedStores(MachineFacts s, MachineFacts d) {
    boolean translated = !s.handover() && s.hypervisor().equals(Optional.of(false));
    boolean old = major(s.version()) < FIRST_SOUND;
    long memory = s.memory().orElse(1);
    return translated && old && s.status().equals("running") && memory % COLLECTED_AT_ONCE == 0
        ? List.of(
            new Found(
                "memory of a guest that %s sends while it runs".formatted(s.name()),
                "%d KiB".formatted(memory >> 10),
                d.memory().isPresent() ? "%d KiB".formatted(d.memory().getAsLong() >> 10) : "?"))
        : List.of();
  }

  private static int major(String version) {
    return Integer.parseInt(version.substring(0, version.indexOf('.')));
  }

  /**
   * A versioned type ends in its version, such as {@code pc-q35-9.2}: it writes as that one did.
   */
  static List<Found> unversioned(MachineFacts s, MachineFacts d) {
    boolean versioned = s.machine().orElse("").matches(".*-\\d+\\.\\d+$");
    boolean ours = s.handover() || d.handover();
    return s.version().equals(d.version()) || versioned || ours
        ? List.of()
        : List.of(new Found("QEMU", s.name(), d.name()));
  }
}
