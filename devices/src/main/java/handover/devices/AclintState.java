package handover.devices;

import static handover.vmstate.QemuRelease.QEMU_10_0;
import static handover.vmstate.QemuRelease.QEMU_10_2;

import handover.vmstate.StateDeclaration;
import handover.vmstate.Versions;
import handover.vmstate.WireType;

/** What of the {@link Aclint} moves: QEMU's {@code riscv_mtimer}. */
final class AclintState {
  final long[] timecmp;
  long timeDelta;

  AclintState(int harts) {
    timecmp = new long[harts];
  }

  /**
   * QEMU had no place for a written {@code mtime} before 10.2, and forgot it on a move. Guests
   * hardly ever write it; when one did, a subsection of ours carries it to another of us, which a
   * QEMU refuses rather than ignores.
   *
   * <p>The deadlines are for QEMU, which does not look at the comparators when it starts; ours
   * does.
   */
  static StateDeclaration<AclintState> declaration(int harts) {
    return StateDeclaration.<AclintState>of("riscv_mtimer", Versions.always(1).then(QEMU_10_2, 3))
        .since(QEMU_10_2)
        .scalar("time_delta", WireType.U64, s -> s.timeDelta, (s, v) -> s.timeDelta = v)
        .always()
        .array(
            "timecmp", WireType.U64, harts, (s, i) -> s.timecmp[i], (s, i, v) -> s.timecmp[i] = v)
        .since(QEMU_10_2)
        .array("timers", WireType.TIMER, harts, AclintState::deadline, (s, i, v) -> {})
        .always()
        .subsection(
            "riscv_mtimer/time_delta", Versions.always(1).until(QEMU_10_0), s -> s.timeDelta != 0)
        .scalar("time_delta", WireType.U64, s -> s.timeDelta, (s, v) -> s.timeDelta = v)
        .build();
  }

  /**
   * Guest nanoseconds at which a hart's comparator is reached, or -1 if its timer is off. One in
   * the past stays: its interrupt may not have been raised yet when the clock stopped, and raising
   * it a second time changes nothing. A comparator of 0 is what QEMU has after reset; when a guest
   * writes it, the interrupt is raised at once.
   */
  private long deadline(int hart) {
    long deadline = Aclint.deadline(timecmp[hart] - timeDelta);
    return timecmp[hart] == 0 || deadline == GuestTimers.NEVER ? -1 : deadline;
  }
}
