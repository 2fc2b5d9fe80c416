package handover.riscv;

/**
 * What the F and D extensions share: rounding modes and the boxing of singles in 64-bit registers.
 *
 * <p>{@link Binary64} and {@link Binary32} hold the operations on each format, {@link
 * FpConversions} those between formats and integers, {@link SoftFloat} the exact integer arithmetic
 * behind them. All take raw bits and a rounding mode of {@link #RNE} to {@link #RMM}: the caller
 * resolves {@code DYN} and refuses the reserved encodings. Nothing here allocates.
 */
final class FloatingPoint {
  /** Round to nearest, ties to even. */
  static final int RNE = 0;

  /** Round towards zero. */
  static final int RTZ = 1;

  /** Round down, towards minus infinity. */
  static final int RDN = 2;

  /** Round up, towards plus infinity. */
  static final int RUP = 3;

  /** Round to nearest, ties to the larger magnitude. */
  static final int RMM = 4;

  /** In an instruction: use {@code frm}. */
  static final int DYN = 7;

  private static final long BOX = 0xffff_ffff_0000_0000L;

  private FloatingPoint() {}

  /** A single as it stands in a 64-bit register: upper half all ones. */
  static long boxS(int single) {
    return BOX | single;
  }

  /** The single in a 64-bit register; the canonical NaN when it is not boxed properly. */
  static int unboxS(long register) {
    return (register & BOX) == BOX ? (int) register : Binary32.CANONICAL_NAN;
  }
}
