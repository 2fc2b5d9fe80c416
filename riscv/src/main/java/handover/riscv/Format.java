package handover.riscv;

import java.util.function.IntToLongFunction;

/**
 * Where the operands sit in an instruction (unprivileged specification, chapters "RV32I" and "C").
 *
 * <p>Each yields {@link Decoded#operands}, or {@link Decoded#RESERVED} where the specification
 * reserves the operand values.
 */
enum Format {
  /** Integer register-register; also atomics, whose ordering bits every access here satisfies. */
  R(i -> Decoded.operands(xd(i), rs1(i), rs2(i), 0)),
  /** Register-immediate, loads, jalr. */
  I(i -> Decoded.operands(xd(i), rs1(i), 0, i >> 20)),
  /** Shift by a six-bit amount. */
  SHIFT(i -> Decoded.operands(xd(i), rs1(i), 0, i >>> 20 & 63)),
  /** Store. */
  S(i -> Decoded.operands(0, rs1(i), rs2(i), i >> 25 << 5 | i >>> 7 & 31)),
  /** Branch. */
  B(i -> Decoded.operands(0, rs1(i), rs2(i), branchOffset(i))),
  /** Upper immediate. */
  U(i -> Decoded.operands(xd(i), 0, 0, i & 0xffff_f000)),
  /** jal. */
  J(i -> Decoded.operands(xd(i), 0, 0, jumpOffset(i))),
  /** No operands that matter. */
  NONE(i -> 0),
  /** CSR number as the immediate; rs1 is a register or a five-bit constant. */
  CSR(i -> Decoded.operands(xd(i), rs1(i), 0, i >>> 20)),
  /** Floating-point load. */
  FLOAD(i -> Decoded.operands(rd(i), rs1(i), 0, i >> 20)),
  /** Floating-point destination; the immediate is the rounding mode. */
  FR(i -> Decoded.operands(rd(i), rs1(i), rs2(i), i >>> 12 & 7)),
  /** Floating-point source, integer destination; the immediate is the rounding mode. */
  FX(i -> Decoded.operands(xd(i), rs1(i), rs2(i), i >>> 12 & 7)),
  /** Fused multiply-add: rounding mode, and rs3 from bit 8 of the immediate on. */
  FR4(i -> Decoded.operands(rd(i), rs1(i), rs2(i), i >>> 12 & 7 | i >>> 27 << 8)),

  /** c.addi4spn. */
  CIW(i -> unless(stackOffset(i) == 0, Decoded.operands(rs2c(i), 2, 0, stackOffset(i)))),
  /** Compressed load of a word. */
  CL_W(i -> Decoded.operands(rs2c(i), rs1c(i), 0, wordOffset(i))),
  /** Compressed load of a doubleword, integer or floating point. */
  CL_D(i -> Decoded.operands(rs2c(i), rs1c(i), 0, doubleOffset(i))),
  /** Compressed store of a word. */
  CS_W(i -> Decoded.operands(0, rs1c(i), rs2c(i), wordOffset(i))),
  /** Compressed store of a doubleword. */
  CS_D(i -> Decoded.operands(0, rs1c(i), rs2c(i), doubleOffset(i))),
  /** Register and immediate, rd is also the source. */
  CI(i -> Decoded.operands(xd(i), rd(i), 0, immediate6(i))),
  /** c.addiw: rd must not be x0. */
  CI_NONZERO(i -> unless(rd(i) == 0, Decoded.operands(xd(i), rd(i), 0, immediate6(i)))),
  /** c.li. */
  CI_LI(i -> Decoded.operands(xd(i), 0, 0, immediate6(i))),
  /** c.lui. */
  CI_LUI(i -> unless(immediate6(i) == 0, Decoded.operands(xd(i), 0, 0, immediate6(i) << 12))),
  /** c.addi16sp. */
  CI_SP(i -> unless(stackStep(i) == 0, Decoded.operands(2, 2, 0, stackStep(i)))),
  /** c.slli. */
  CI_SHIFT(i -> Decoded.operands(xd(i), rd(i), 0, immediate6(i) & 63)),
  /** c.lwsp. */
  CI_LWSP(i -> unless(rd(i) == 0, Decoded.operands(rd(i), 2, 0, loadWordSp(i)))),
  /** c.ldsp. */
  CI_LDSP(i -> unless(rd(i) == 0, Decoded.operands(rd(i), 2, 0, loadDoubleSp(i)))),
  /** c.fldsp. */
  CI_FLDSP(i -> Decoded.operands(rd(i), 2, 0, loadDoubleSp(i))),
  /** c.swsp. */
  CSS_W(i -> Decoded.operands(0, 2, i >>> 2 & 31, i >>> 7 & 0x3c | i >>> 1 & 0xc0)),
  /** c.sdsp and c.fsdsp. */
  CSS_D(i -> Decoded.operands(0, 2, i >>> 2 & 31, i >>> 7 & 0x38 | i >>> 1 & 0x1c0)),
  /** c.srli, c.srai. */
  CB_SHIFT(i -> Decoded.operands(rs1c(i), rs1c(i), 0, immediate6(i) & 63)),
  /** c.andi. */
  CB_ANDI(i -> Decoded.operands(rs1c(i), rs1c(i), 0, immediate6(i))),
  /** Two short registers, the first is also the destination. */
  CA(i -> Decoded.operands(rs1c(i), rs1c(i), rs2c(i), 0)),
  /** c.j. */
  CJ(i -> Decoded.operands(Decoded.SINK, 0, 0, shortJump(i))),
  /** c.beqz, c.bnez. */
  CB(i -> Decoded.operands(0, rs1c(i), 0, shortBranch(i))),
  /** c.jr. */
  CR_JR(i -> unless(rd(i) == 0, Decoded.operands(Decoded.SINK, rd(i), 0, 0))),
  /** c.jalr. */
  CR_JALR(i -> Decoded.operands(1, rd(i), 0, 0)),
  /** c.mv. */
  CR_MV(i -> Decoded.operands(xd(i), 0, i >>> 2 & 31, 0)),
  /** c.add. */
  CR_ADD(i -> Decoded.operands(xd(i), rd(i), i >>> 2 & 31, 0));

  @SuppressWarnings("ImmutableEnumChecker") // lambdas that capture nothing
  private final IntToLongFunction extract;

  Format(IntToLongFunction extract) {
    this.extract = extract;
  }

  /** The operands of {@code instruction}, packed, or {@link Decoded#RESERVED}. */
  long operands(int instruction) {
    return extract.applyAsLong(instruction);
  }

  private static long unless(boolean reserved, long operands) {
    return reserved ? Decoded.RESERVED : operands;
  }

  private static int rd(int i) {
    return i >>> 7 & 31;
  }

  private static int xd(int i) {
    return Decoded.destination(rd(i));
  }

  private static int rs1(int i) {
    return i >>> 15 & 31;
  }

  private static int rs2(int i) {
    return i >>> 20 & 31;
  }

  private static int rs1c(int i) {
    return 8 + (i >>> 7 & 7);
  }

  private static int rs2c(int i) {
    return 8 + (i >>> 2 & 7);
  }

  private static int branchOffset(int i) {
    return i >> 31 << 12 | (i >>> 7 & 1) << 11 | (i >>> 25 & 63) << 5 | (i >>> 8 & 15) << 1;
  }

  private static int jumpOffset(int i) {
    return i >> 31 << 20 | i & 0xff000 | (i >>> 20 & 1) << 11 | (i >>> 21 & 0x3ff) << 1;
  }

  private static int immediate6(int i) {
    return i << 19 >> 31 << 5 | i >>> 2 & 31;
  }

  private static int stackOffset(int i) {
    return (i >>> 7 & 15) << 6 | (i >>> 11 & 3) << 4 | (i >>> 5 & 1) << 3 | (i >>> 6 & 1) << 2;
  }

  private static int stackStep(int i) {
    return i << 19 >> 31 << 9
        | (i >>> 3 & 3) << 7
        | (i >>> 5 & 1) << 6
        | (i >>> 2 & 1) << 5
        | (i >>> 6 & 1) << 4;
  }

  private static int wordOffset(int i) {
    return (i >>> 10 & 7) << 3 | (i >>> 6 & 1) << 2 | (i >>> 5 & 1) << 6;
  }

  private static int doubleOffset(int i) {
    return (i >>> 10 & 7) << 3 | (i >>> 5 & 3) << 6;
  }

  private static int loadWordSp(int i) {
    return (i >>> 12 & 1) << 5 | (i >>> 4 & 7) << 2 | (i >>> 2 & 3) << 6;
  }

  private static int loadDoubleSp(int i) {
    return (i >>> 12 & 1) << 5 | (i >>> 5 & 3) << 3 | (i >>> 2 & 7) << 6;
  }

  private static int shortJump(int i) {
    return i << 19 >> 31 << 11
        | (i >>> 11 & 1) << 4
        | (i >>> 9 & 3) << 8
        | (i >>> 8 & 1) << 10
        | (i >>> 7 & 1) << 6
        | (i >>> 6 & 1) << 7
        | (i >>> 3 & 7) << 1
        | (i >>> 2 & 1) << 5;
  }

  private static int shortBranch(int i) {
    return i << 19 >> 31 << 8
        | (i >>> 10 & 3) << 3
        | (i >>> 5 & 3) << 6
        | (i >>> 3 & 3) << 1
        | (i >>> 2 & 1) << 5;
  }
}
