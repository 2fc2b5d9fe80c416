package handover.devices;

import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;

/** What of the {@link Aclint} moves: QEMU 10.0's {@code riscv_mtimer}. */
final class AclintState {
  final long[] timecmp;
  long timeDelta;

  AclintState(int harts) {
    timecmp = new long[harts];
  }

  /**
   * QEMU 10.0 has no place for a written {@code mtime} and forgets it on a move. Guests hardly ever
   * write it; when one did, a subsection of ours carries it, which QEMU refuses rather than
   * ignores.
   */
  static StateDeclaration<AclintState> declaration(int harts) {
    return StateDeclaration.<AclintState>of("riscv_mtimer", 1)
        .array(
            "timecmp", WireType.U64, harts, (s, i) -> s.timecmp[i], (s, i, v) -> s.timecmp[i] = v)
        .subsection("riscv_mtimer/time_delta", 1, s -> s.timeDelta != 0)
        .scalar("time_delta", WireType.U64, s -> s.timeDelta, (s, v) -> s.timeDelta = v)
        .build();
  }
}
