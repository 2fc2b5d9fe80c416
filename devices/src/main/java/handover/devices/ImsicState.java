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
              Imsic.SECTION, Versions.always(1).then(QemuRelease.QEMU_11_1, 2))
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

  /** The most urgent identity that is pending, enabled and below the threshold; 0 for none. */
  int top() {
    for (int word = 0; word < Imsic.WORDS; word++) {
      long ready = pending[word] & enabled[word];
      if (ready != 0) {
        int identity = (word << 6) + Long.numberOfTrailingZeros(ready);
        return threshold == 0 || identity < threshold ? identity : 0;
      }
    }
    return 0;
  }

  /** Whether the hart is interrupted. */
  boolean raised() {
    return delivery != 0 && top() != 0;
  }

  /**
   * There is no identity 0: QEMU keeps in its place whether it has raised the hart's interrupt, and
   * never lowers one that it does not find there.
   */
  private int get(int identity) {
    if (identity == 0) {
      return raised() ? PENDING | ENABLED : 0;
    }
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
