package handover.riscv;

/**
 * Division, remainder and the signed high products, with the results the specification gives for
 * division by zero and for overflow (unprivileged specification, chapter "M").
 */
final class Division {
  private Division() {}

  static long execute(int op, long a, long b) {
    return switch (op) {
      case Op.MULH -> Math.multiplyHigh(a, b);
      case Op.MULHSU -> Math.multiplyHigh(a, b) + (b < 0 ? a : 0);
      case Op.DIV -> b == 0 ? -1 : a / b;
      case Op.DIVU -> b == 0 ? -1 : Long.divideUnsigned(a, b);
      case Op.REM -> b == 0 ? a : a % b;
      case Op.REMU -> b == 0 ? a : Long.remainderUnsigned(a, b);
      default -> word(op, (int) a, (int) b);
    };
  }

  private static int word(int op, int a, int b) {
    return switch (op) {
      case Op.DIVW -> b == 0 ? -1 : a / b;
      case Op.DIVUW -> b == 0 ? -1 : Integer.divideUnsigned(a, b);
      case Op.REMW -> b == 0 ? a : a % b;
      default -> b == 0 ? a : Integer.remainderUnsigned(a, b);
    };
  }
}
