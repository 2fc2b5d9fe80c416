package handover.riscv;

/** Double-precision instructions, and the conversions between the formats. */
final class DoubleOps {
  private final Registers r;

  DoubleOps(Registers registers) {
    this.r = registers;
  }

  /** Executes one with a rounding mode that exists, if it rounds at all. */
  void execute(int op, long decoded, int mode) {
    int rd = Decoded.rd(decoded);
    long a = get(Decoded.rs1(decoded));
    long b = get(Decoded.rs2(decoded));
    long integer = r.x[Decoded.rs1(decoded)];
    FpFlags flags = r.flags;
    switch (op) {
      case Op.FADD_D -> set(rd, Binary64.add(a, b, mode, flags));
      case Op.FSUB_D -> set(rd, Binary64.subtract(a, b, mode, flags));
      case Op.FMUL_D -> set(rd, Binary64.multiply(a, b, mode, flags));
      case Op.FDIV_D -> set(rd, Binary64.divide(a, b, mode, flags));
      case Op.FSQRT_D -> set(rd, Binary64.squareRoot(a, mode, flags));
      case Op.FMADD_D -> set(rd, Binary64.multiplyAdd(a, b, third(decoded), mode, flags));
      case Op.FMSUB_D -> set(rd, Binary64.multiplySubtract(a, b, third(decoded), mode, flags));
      case Op.FNMSUB_D ->
          set(rd, Binary64.negatedMultiplySubtract(a, b, third(decoded), mode, flags));
      case Op.FNMADD_D -> set(rd, Binary64.negatedMultiplyAdd(a, b, third(decoded), mode, flags));
      case Op.FSGNJ_D -> set(rd, Binary64.signInject(a, b));
      case Op.FSGNJN_D -> set(rd, Binary64.signInjectNegated(a, b));
      case Op.FSGNJX_D -> set(rd, Binary64.signInjectXor(a, b));
      case Op.FMIN_D -> set(rd, Binary64.min(a, b, flags));
      case Op.FMAX_D -> set(rd, Binary64.max(a, b, flags));
      case Op.FEQ_D -> r.x[rd] = Binary64.equal(a, b, flags);
      case Op.FLT_D -> r.x[rd] = Binary64.less(a, b, flags);
      case Op.FLE_D -> r.x[rd] = Binary64.lessOrEqual(a, b, flags);
      case Op.FCLASS_D -> r.x[rd] = Binary64.classify(a);
      case Op.FCVT_W_D -> r.x[rd] = FpConversions.doubleToWord(a, mode, flags);
      case Op.FCVT_WU_D -> r.x[rd] = FpConversions.doubleToUnsignedWord(a, mode, flags);
      case Op.FCVT_L_D -> r.x[rd] = FpConversions.doubleToLong(a, mode, flags);
      case Op.FCVT_LU_D -> r.x[rd] = FpConversions.doubleToUnsignedLong(a, mode, flags);
      case Op.FCVT_D_W -> set(rd, FpConversions.wordToDouble((int) integer));
      case Op.FCVT_D_WU -> set(rd, FpConversions.unsignedWordToDouble((int) integer));
      case Op.FCVT_D_L -> set(rd, FpConversions.longToDouble(integer, mode, flags));
      case Op.FCVT_D_LU -> set(rd, FpConversions.unsignedLongToDouble(integer, mode, flags));
      case Op.FMV_X_D -> r.x[rd] = a;
      case Op.FMV_D_X -> set(rd, integer);
      case Op.FCVT_S_D -> set(rd, FloatingPoint.boxS(FpConversions.doubleToSingle(a, mode, flags)));
      case Op.FCVT_D_S -> set(rd, FpConversions.singleToDouble(FloatingPoint.unboxS(a), flags));
      default -> throw new IllegalStateException("not a double-precision operation: " + op);
    }
  }

  private long third(long decoded) {
    return get(Decoded.immediate(decoded) >>> 8 & 31);
  }

  private long get(int register) {
    return r.f[register];
  }

  private void set(int register, long value) {
    r.f[register] = value;
  }
}
