package handover.riscv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The interrupt wires into a hart, as bits of mip. Any thread may set them, without a lock. */
final class InterruptLines {
  static final int SSIP = 1;
  static final int MSIP = 3;
  static final int STIP = 5;
  static final int MTIP = 7;
  static final int SEIP = 9;
  static final int MEIP = 11;

  /** Wires from outside: MSIP, MTIP, SEIP, MEIP. */
  static final long EXTERNAL = 1L << MSIP | 1L << MTIP | 1L << SEIP | 1L << MEIP;

  private static final VarHandle BITS;

  static {
    try {
      BITS = MethodHandles.lookup().findVarHandle(InterruptLines.class, "bits", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused") // through BITS
  private volatile long bits;

  /** The wires that are asserted. */
  long asserted() {
    return bits;
  }

  /** Sets all wires at once. */
  void load(long wires) {
    bits = wires;
  }

  /** Drives one wire; returns whether that changed it. */
  boolean set(int bit, boolean asserted) {
    long mask = 1L << bit;
    long before =
        asserted
            ? (long) BITS.getAndBitwiseOr(this, mask)
            : (long) BITS.getAndBitwiseAnd(this, ~mask);
    return (before & mask) != 0 != asserted;
  }
}
