package handover.riscv;

/**
 * An exception of the guest, thrown from wherever an instruction finds it cannot complete. One
 * instance a hart, reused, without a stack.
 */
final class Trap extends RuntimeException {
  static final int INSTRUCTION_MISALIGNED = 0;
  static final int INSTRUCTION_ACCESS_FAULT = 1;
  static final int ILLEGAL_INSTRUCTION = 2;
  static final int BREAKPOINT = 3;
  static final int LOAD_MISALIGNED = 4;
  static final int LOAD_ACCESS_FAULT = 5;
  static final int STORE_MISALIGNED = 6;
  static final int STORE_ACCESS_FAULT = 7;
  static final int ECALL_FROM_U = 8;
  static final int INSTRUCTION_PAGE_FAULT = 12;
  static final int LOAD_PAGE_FAULT = 13;
  static final int STORE_PAGE_FAULT = 15;

  private static final long serialVersionUID = 1;

  private int cause;
  private long value;

  Trap() {
    super("guest exception", null, false, false);
  }

  /** This trap, with mcause and mtval. */
  Trap with(int newCause, long newValue) {
    cause = newCause;
    value = newValue;
    return this;
  }

  int cause() {
    return cause;
  }

  long value() {
    return value;
  }
}
