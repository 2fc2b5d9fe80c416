package handover.diagnosis.check;

import handover.diagnosis.check.Rule.Found;
import java.util.List;

/** What a difference in QEMU's version does where the machine type does not pin the format. */
final class VersionRules {
  private VersionRules() {}

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
