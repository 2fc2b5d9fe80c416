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
