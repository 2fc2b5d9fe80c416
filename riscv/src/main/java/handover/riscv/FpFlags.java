package handover.riscv;

/**
 * The accrued exception flags of one hart, {@code fflags} (RISC-V unprivileged, "Floating-Point
 * Control and Status Register"). Operations only ever add to them.
 */
final class FpFlags {
  /** Inexact. */
  static final int NX = 1;

  /** Underflow: tiny after rounding, and inexact. */
  static final int UF = 2;

  /** Overflow. */
  static final int OF = 4;

  /** A finite number divided by zero. */
  static final int DZ = 8;

  /** Invalid operation. */
  static final int NV = 16;

  /** The five flags as they stand in {@code fflags}. */
  int accrued;

  void raise(int flags) {
    accrued |= flags;
  }

  boolean inexact() {
    return (accrued & NX) != 0;
  }
}
