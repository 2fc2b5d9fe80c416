package handover.riscv;

/**
 * Floating-point instructions except loads and stores: register access, NaN boxing, rounding mode
 * and mstatus.FS around the arithmetic (unprivileged specification, chapters "F" and "D").
 */
final class FloatOps {
  private static final int ILLEGAL_MODE = -1;

  private final Registers r;
  private final SingleOps singles;
  private final DoubleOps doubles;

  FloatOps(Registers registers) {
    this.r = registers;
    singles = new SingleOps(registers);
    doubles = new DoubleOps(registers);
  }

  /** Whether the floating-point unit is switched on. */
  boolean enabled() {
    return (r.mstatus & Mstatus.FS) != 0;
  }

  /** Executes one; false when it is illegal now: the unit is off, or there is no such rounding. */
  boolean execute(long decoded) {
    int op = Decoded.op(decoded);
    int mode = rounding(decoded);
    if (!enabled() || mode == ILLEGAL_MODE && rounds(op)) {
      return false;
    }
    if (op >= Op.FIRST_DOUBLE) {
      doubles.execute(op, decoded, mode);
    } else {
      singles.execute(op, decoded, mode);
    }
    r.floatDirty();
    return true;
  }

  private int rounding(long decoded) {
    int field = Decoded.immediate(decoded) & 7;
    int mode = field == FloatingPoint.DYN ? r.frm : field;
    return mode > FloatingPoint.RMM ? ILLEGAL_MODE : mode;
  }

  /** Whether the field in bits 12 to 14 is a rounding mode, not part of the operation. */
  static boolean rounds(int op) {
    return switch (op) {
      case Op.FSGNJ_S,
          Op.FSGNJN_S,
          Op.FSGNJX_S,
          Op.FMIN_S,
          Op.FMAX_S,
          Op.FEQ_S,
          Op.FLT_S,
          Op.FLE_S,
          Op.FCLASS_S,
          Op.FMV_X_W,
          Op.FMV_W_X,
          Op.FSGNJ_D,
          Op.FSGNJN_D,
          Op.FSGNJX_D,
          Op.FMIN_D,
          Op.FMAX_D,
          Op.FEQ_D,
          Op.FLT_D,
          Op.FLE_D,
          Op.FCLASS_D,
          Op.FMV_X_D,
          Op.FMV_D_X ->
          false;
      default -> true;
    };
  }
}
