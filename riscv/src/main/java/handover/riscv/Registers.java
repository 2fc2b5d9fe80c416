package handover.riscv;

import java.util.Arrays;

/**
 * The architectural state of one hart except interrupt wires, PMP and counters. Only the hart's own
 * thread touches it, or anyone while the hart is parked.
 */
final class Registers {
  /** x0 to x31, and the sink that stands for x0 as a destination. x[0] is never written. */
  final long[] x = new long[Decoded.SINK + 1];

  /** Raw bits of f0 to f31; a single is NaN-boxed. */
  final long[] f = new long[32];

  long pc;
  int privilege;

  /** In a WFI that nothing has ended yet. */
  boolean waiting;

  long mstatus;
  long medeleg;
  long mideleg;
  long mie;

  /** The bits of mip that software writes: SSIP, STIP, and its half of SEIP. */
  long softwarePending;

  long mtvec;
  long mcounteren;
  long mscratch;
  long mepc;
  long mcause;
  long mtval;
  long menvcfg;

  /** Which indirect register mireg is. */
  long miselect;

  long stvec;
  long scounteren;
  long sscratch;
  long sepc;
  long scause;
  long stval;
  long senvcfg;
  long satp;

  /** Which indirect register sireg is. */
  long siselect;

  /** Rounding mode, 0 to 7. */
  int frm;

  /** Accrued floating-point exceptions. */
  final FpFlags flags = new FpFlags();

  /** Address of the last load-reserved, or -1. */
  long reservation = -1;

  /** What the last load-reserved saw. */
  long reservedValue;

  void reset(long resetPc) {
    Arrays.fill(x, 0);
    Arrays.fill(f, 0);
    pc = resetPc;
    privilege = Privilege.MACHINE;
    waiting = false;
    mstatus = Mstatus.XL64;
    medeleg = mideleg = mie = softwarePending = 0;
    mtvec = mcounteren = mscratch = mepc = mcause = mtval = menvcfg = miselect = 0;
    stvec = scounteren = sscratch = sepc = scause = stval = senvcfg = satp = siselect = 0;
    frm = 0;
    flags.accrued = 0;
    reservation = -1;
    reservedValue = 0;
  }

  /** The floating-point registers, fcsr or both were changed. */
  void floatDirty() {
    mstatus |= Mstatus.FS;
  }
}
