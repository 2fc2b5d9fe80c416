package handover.riscv;

/**
 * The decoded form of an instruction: one {@code long}.
 *
 * <pre>
 *  63        32 31 29 28  24 23 22 21 20  16 15 14 13   8 7   0
 * | immediate  |     | rs2  |  | len | rs1  |     |  rd  |  op  |
 * </pre>
 *
 * {@code len} counts 16-bit slots (1 or 2). An integer destination x0 is written as register 32, a
 * sink nobody reads, so that execution needs no test for it.
 */
final class Decoded {
  /** What a {@link Format} returns for an encoding that is reserved. */
  static final long RESERVED = -1;

  /** The register number standing for a destination of x0. */
  static final int SINK = 32;

  private static final int LENGTH_SHIFT = 21;

  private Decoded() {}

  /** Operands without operation and length. */
  static long operands(int rd, int rs1, int rs2, int immediate) {
    return (long) immediate << 32 | (long) rs2 << 24 | (long) rs1 << 16 | (long) rd << 8;
  }

  /** Adds operation and length in slots to operands. */
  static long of(int op, int slots, long operands) {
    return operands | (long) slots << LENGTH_SHIFT | op;
  }

  /** The number an integer destination is held as. */
  static int destination(int rd) {
    return rd == 0 ? SINK : rd;
  }

  static int op(long decoded) {
    return (int) decoded & 0xff;
  }

  static int rd(long decoded) {
    return (int) (decoded >>> 8) & 63;
  }

  static int rs1(long decoded) {
    return (int) (decoded >>> 16) & 31;
  }

  static int rs2(long decoded) {
    return (int) (decoded >>> 24) & 31;
  }

  /** Length in 16-bit slots. */
  static int slots(long decoded) {
    return (int) (decoded >>> LENGTH_SHIFT) & 3;
  }

  static int immediate(long decoded) {
    return (int) (decoded >> 32);
  }

  /** The same with another operation and immediate. */
  static long with(long decoded, int op, int immediate) {
    return decoded & 0xffff_ff00L | op | (long) immediate << 32;
  }
}
