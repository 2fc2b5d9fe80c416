package handover.devices;

import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.Versions;
import handover.vmstate.WireType;

/** What of an {@link Imsic} moves, in QEMU's order and meaning. */
final class ImsicState {
  private static final int PENDING = 1;
  private static final int ENABLED = 2;

  static final StateDeclaration<ImsicState> DECLARATION =
      StateDeclaration.<ImsicState>of(
              "riscv_imsic", Versions.always(1).then(QemuRelease.QEMU_11_1, 2))
          .scalar("eidelivery", WireType.U32, s -> s.delivery, (s, v) -> s.delivery = v & 1)
          .scalar("eithreshold", WireType.U32, s -> s.threshold, (s, v) -> s.threshold = v)
          .array(
              "eistate",
              WireType.U32,
              Imsic.IDENTITIES,
              (s, i) -> s.get(i),
              (s, i, v) -> s.set(i, (int) v))
          .build();

  long delivery;
  long threshold;

  /** A bit an identity, each. */
  final long[] pending = new long[Imsic.WORDS];

  final long[] enabled = new long[Imsic.WORDS];

  private int get(int identity) {
    int word = identity >>> 6;
    int isPending = (pending[word] >>> identity & 1) != 0 ? PENDING : 0;
    return isPending | ((enabled[word] >>> identity & 1) != 0 ? ENABLED : 0);
  }

  private void set(int identity, int state) {
    long bit = identity == 0 ? 0 : 1L << identity;
    pending[identity >>> 6] |= (state & PENDING) != 0 ? bit : 0;
    enabled[identity >>> 6] |= (state & ENABLED) != 0 ? bit : 0;
  }

  void copyTo(ImsicState other) {
    other.delivery = delivery;
    other.threshold = threshold;
    System.arraycopy(pending, 0, other.pending, 0, pending.length);
    System.arraycopy(enabled, 0, other.enabled, 0, enabled.length);
  }
}
