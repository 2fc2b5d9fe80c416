package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.csr;
import static handover.riscv.MachineCode.csrWrite;
import static handover.riscv.MachineCode.ecall;
import static handover.riscv.MachineCode.mret;
import static handover.riscv.MachineCode.sfenceVma;
import static handover.riscv.MachineCode.sret;

/** Traps, delegation, returns, interrupts and the bits of mstatus that forbid; no translation. */
final class PrivilegeSlots {
  private static final int EBREAK = 0x0010_0073;
  private static final int C_EBREAK = 0x9002;
  private static final long SUPERVISOR_INTERRUPTS = 0x222;
  // Everything in mstatus but MIE, which would interrupt the setup, MPP and MPRV.
  private static final long STATUS = 0x0000_0000_007c_61a2L & ~(1L << 17);

  private final OracleValues values;

  PrivilegeSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    if (values.oneIn(12)) {
      return selfInterrupt();
    }
    int mode = values.pick(0, 1, 3);
    long status = values.bits() & STATUS;
    OracleSlot slot = new OracleSlot("mode " + mode + ", mstatus 0x" + Long.toHexString(status));
    slot.csr(Csrs.MEDELEG, values.bits() & 0xb1ff);
    boolean interrupts = values.oneIn(4);
    if (interrupts) {
      slot.csr(Csrs.MIDELEG, values.bits() & SUPERVISOR_INTERRUPTS);
      // One at a time: among several QEMU 7.2 takes the lowest number, the specification (3.1.9)
      // the
      // external, the software, then the timer interrupt.
      long pending = 1L << values.pick(1, 5, 9);
      slot.csr(
          Csrs.MIE,
          SUPERVISOR_INTERRUPTS
              & (values.oneIn(4) ? values.bits() & ~pending : values.bits() | pending));
      slot.csr(Csrs.MIP, pending);
    }
    body(slot, mode, status);
    return slot.after(
        csrWrite(Csrs.MIE, 0),
        csrWrite(Csrs.MIP, 0),
        csrWrite(Csrs.MIDELEG, 0),
        csrWrite(Csrs.MEDELEG, 0));
  }

  // S mode makes an interrupt pending, enables it, or opens itself to it: it comes at once.
  private OracleSlot selfInterrupt() {
    int missing = values.below(3);
    long status = missing == 0 ? STATUS & ~2 : STATUS;
    return new OracleSlot("self interrupt, missing " + missing)
        .csr(Csrs.MIDELEG, values.oneIn(4) ? 0 : 2)
        .csr(Csrs.MIE, missing == 1 ? 0 : 2)
        .csr(Csrs.MIP, missing == 2 ? 0 : 2)
        .inMode(1, status, body -> body)
        .x(10, 2)
        .run(
            csr(2, 11, values.pick(Csrs.SSTATUS, Csrs.SIE, Csrs.SIP), 10),
            addi(12, 12, 1),
            addi(12, 12, 1))
        .after(csrWrite(Csrs.MIE, 0), csrWrite(Csrs.MIP, 0), csrWrite(Csrs.MIDELEG, 0));
  }

  private void body(OracleSlot slot, int mode, long status) {
    switch (values.below(10)) {
      case 0 -> slot.inMode(mode, status, body -> body).run(ecall());
      case 1 -> slot.inMode(mode, status, body -> body).run(values.pick(EBREAK, C_EBREAK));
      case 2 ->
          slot.inMode(mode, status, body -> body)
              .x(10, body -> body + 8)
              // Below M mode the first instruction traps already.
              .run(csrWrite(Csrs.MEPC, 10), mret());
      case 3 ->
          slot.inMode(mode, status, body -> body)
              .x(10, body -> body + 8)
              .run(csrWrite(Csrs.SEPC, 10), sret());
      case 4 -> slot.inMode(mode, status, body -> body).run(mode == 3 ? ecall() : mret());
      case 5 -> slot.inMode(mode, status, body -> body).run(sfenceVma(values.below(2), 0));
      case 6 -> slot.inMode(mode, status, body -> body).run(csr(2, 12, Csrs.SATP, 0));
      // Nothing enabled ends a WFI, but in U mode, or with TW set, it is illegal.
      case 7 ->
          slot.inMode(mode == 3 ? 0 : mode, status | 1 << 21, body -> body).run(MachineCode.wfi());
      case 8 -> fault(slot, mode, status);
      default -> slot.inMode(mode, status, body -> nowhere());
    }
  }

  // No read-modify-write: outside RAM QEMU does it in two steps and reports the load.
  private void fault(OracleSlot slot, int mode, long status) {
    long address = nowhere();
    int access =
        values.pick(
            MachineCode.ld(12, 11, 0),
            MachineCode.sd(12, 11, 0),
            MachineCode.r(0x2f, 3, 8, 13, 11, 0),
            MachineCode.fld(3, 11, 0));
    slot.inMode(mode, status, body -> body).x(11, address).run(access);
  }

  /** An address where there is neither memory nor a device. */
  private long nowhere() {
    return values.pick(0x1_0000_0000L, 0x40L << 30, 0xff_0000_0000_0000L);
  }
}
