package handover.diagnosis.check;

import handover.diagnosis.check.Rule.Found;
import handover.vmstate.QemuRelease;
import java.util.List;

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
