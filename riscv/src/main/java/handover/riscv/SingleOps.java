package handover.riscv;

/** Single-precision instructions: operands are unboxed, results boxed. */
final class SingleOps {
  private final Registers r;

  SingleOps(Registers registers) {
    this.r = registers;
  }

  /** Executes one with a rounding mode that exists, if it rounds at all. */
  void execute(int op, long decoded, int mode) {
    int rd = Decoded.rd(decoded);
    int a = get(Decoded.rs1(decoded));
    int b = get(Decoded.rs2(decoded));
    long integer = r.x[Decoded.rs1(decoded)];
    FpFlags flags = r.flags;
    switch (op) {
      case Op.FADD_S -> set(rd, Binary32.add(a, b, mode, flags));
      case Op.FSUB_S -> set(rd, Binary32.subtract(a, b, mode, flags));
      case Op.FMUL_S -> set(rd, Binary32.multiply(a, b, mode, flags));
      case Op.FDIV_S -> set(rd, Binary32.divide(a, b, mode, flags));
      case Op.FSQRT_S -> set(rd, Binary32.squareRoot(a, mode, flags));
      case Op.FMADD_S -> set(rd, Binary32.multiplyAdd(a, b, third(decoded), mode, flags));
      case Op.FMSUB_S -> set(rd, Binary32.multiplySubtract(a, b, third(decoded), mode, flags));
      case Op.FNMSUB_S ->
          set(rd, Binary32.negatedMultiplySubtract(a, b, third(decoded), mode, flags));
      case Op.FNMADD_S -> set(rd, Binary32.negatedMultiplyAdd(a, b, third(decoded), mode, flags));
      case Op.FSGNJ_S -> set(rd, Binary32.signInject(a, b));
      case Op.FSGNJN_S -> set(rd, Binary32.signInjectNegated(a, b));
      case Op.FSGNJX_S -> set(rd, Binary32.signInjectXor(a, b));
      case Op.FMIN_S -> set(rd, Binary32.min(a, b, flags));
      case Op.FMAX_S -> set(rd, Binary32.max(a, b, flags));
      case Op.FEQ_S -> r.x[rd] = Binary32.equal(a, b, flags);
      case Op.FLT_S -> r.x[rd] = Binary32.less(a, b, flags);
      case Op.FLE_S -> r.x[rd] = Binary32.lessOrEqual(a, b, flags);
      case Op.FCLASS_S -> r.x[rd] = Binary32.classify(a);
      case Op.FCVT_W_S -> r.x[rd] = FpConversions.singleToWord(a, mode, flags);
      case Op.FCVT_WU_S -> r.x[rd] = FpConversions.singleToUnsignedWord(a, mode, flags);
      case Op.FCVT_L_S -> r.x[rd] = FpConversions.singleToLong(a, mode, flags);
      case Op.FCVT_LU_S -> r.x[rd] = FpConversions.singleToUnsignedLong(a, mode, flags);
      case Op.FCVT_S_W -> set(rd, FpConversions.wordToSingle((int) integer, mode, flags));
      case Op.FCVT_S_WU -> set(rd, FpConversions.unsignedWordToSingle((int) integer, mode, flags));
      case Op.FCVT_S_L -> set(rd, FpConversions.longToSingle(integer, mode, flags));
      case Op.FCVT_S_LU -> set(rd, FpConversions.unsignedLongToSingle(integer, mode, flags));
      case Op.FMV_X_W -> r.x[rd] = (int) r.f[Decoded.rs1(decoded)];
      case Op.FMV_W_X -> set(rd, (int) integer);
      default -> throw new IllegalStateException("not a single-precision operation: " + op);
    }
  }

  private int third(long decoded) {
    return get(Decoded.immediate(decoded) >>> 8 & 31);
  }

  private int get(int register) {
    return FloatingPoint.unboxS(r.f[register]);
  }

  private void set(int register, int value) {
    r.f[register] = FloatingPoint.boxS(value);
  }
}
