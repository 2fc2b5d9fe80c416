package handover.riscv;

import static handover.riscv.MachineCode.csr;
import static handover.riscv.MachineCode.csrRead;
import static handover.riscv.MachineCode.csrWrite;

/** Zicsr: what each CSR keeps of what is written, which exist, and who may reach them. */
final class CsrSlots {
  private static final int[] SUPERVISOR = {
    Csrs.SSTATUS,
    Csrs.SIE,
    Csrs.STVEC,
    Csrs.SCOUNTEREN,
    Csrs.SSCRATCH,
    Csrs.SEPC,
    Csrs.SCAUSE,
    Csrs.STVAL,
    Csrs.SIP,
    Csrs.SATP
  };
  private static final int[] MACHINE = {
    Csrs.MSTATUS,
    Csrs.MISA,
    Csrs.MEDELEG,
    Csrs.MIDELEG,
    Csrs.MIE,
    Csrs.MTVEC,
    Csrs.MCOUNTEREN,
    Csrs.MSCRATCH,
    Csrs.MEPC,
    Csrs.MCAUSE,
    Csrs.MTVAL,
    Csrs.MIP,
    0xf11, // mvendorid
    Csrs.MHARTID,
  };
  private static final int[] USER = {Csrs.FFLAGS, Csrs.FRM, Csrs.FCSR};
  // cycle, time, instret: their values differ, the right to read them must not.
  private static final int[] COUNTERS = {0xc00, 0xc01, 0xc02};
  private static final int[] ABSENT = {
    0x000, 0x009, 0x015, 0x1ff, 0x200, 0x280, 0x5a8, 0x600, 0x680, 0x7c0, 0x800, 0x9ff, 0xa00,
    0xc80, 0xcc0, 0xdff, 0xe00, 0xfff
  };

  private static final long PMPADDR = (1L << 54) - 1;

  private final OracleValues values;

  CsrSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    return switch (values.below(5)) {
      case 0, 1, 2 -> inMachineMode();
      case 3 -> fromBelow();
      default -> counter();
    };
  }

  // x24: what it was; x25: the operand; x26, x27: what the instruction read and left.
  private OracleSlot inMachineMode() {
    int number =
        switch (values.below(8)) {
          case 0, 1, 2 -> values.pick(MACHINE);
          case 3, 4 -> values.pick(SUPERVISOR);
          case 5 -> values.pick(USER);
          case 6 -> Csrs.PMPADDR0 + 1 + values.below(15);
          default -> values.pick(ABSENT);
        };
    return new OracleSlot("csr %03x".formatted(number))
        .x(25, operand(number, 1, 7, 8, 9))
        .run(csrRead(24, number), operation(26, number), csrRead(27, number), csrWrite(number, 24));
  }

  private OracleSlot fromBelow() {
    int mode = values.below(2);
    boolean supervisor = values.oneIn(2);
    int number =
        supervisor
            ? values.pick(SUPERVISOR)
            : values.oneIn(3) ? values.pick(USER) : values.pick(MACHINE);
    OracleSlot slot =
        new OracleSlot("csr %03x in mode %d".formatted(number, mode))
            .x(25, operand(number, 1, 7))
            .inMode(mode, status() | (long) values.below(2) << 20, body -> body)
            .run(operation(26, number));
    if (supervisor) {
      // An M mode that looks at the CSR before anything else changes it, and puts it back.
      slot.before(csrRead(24, number)).after(csrRead(27, number), csrWrite(number, 24));
    }
    return slot;
  }

  private OracleSlot counter() {
    int mode = values.below(2);
    int number = values.pick(COUNTERS);
    return new OracleSlot("counter %03x in mode %d".formatted(number, mode))
        .csr(Csrs.MCOUNTEREN, values.below(8))
        .csr(Csrs.SCOUNTEREN, values.below(8))
        .inMode(mode, status(), body -> body)
        .x(1, 1)
        .run(csr(values.pick(2, 3), 0, number, values.oneIn(6) ? 1 : 0));
  }

  /** FS and XS fields of chance; nothing that traps by itself. */
  private long status() {
    return (long) values.below(4) << 13;
  }

  // QEMU 7.2 keeps more than it should: reserved values of MPP, UXL and SXL, VS without V, GVA and
  // MPV
  // without H, bit 0 of sepc
  // and mepc, the hypervisor's interrupts without H and counter overflow without Sscofpmf. It takes
  // a
  // csrrs with a register that holds 0 for a mere read. What satp keeps in mode Bare is
  // unspecified.
  // What satp keeps in mode Bare is unspecified, so it gets a reserved mode, or one that works
  // where
  // that changes nothing.
  private long operand(int number, int... translating) {
    long value = values.integer();
    long legal =
        switch (number) {
          case Csrs.MSTATUS, Csrs.SSTATUS ->
              value & ~0xff_0000_1e00L | (values.oneIn(2) ? 0x1800 : 0);
          case Csrs.MEPC, Csrs.SEPC -> value & -2;
          case Csrs.MIE, Csrs.MIP, Csrs.MIDELEG, Csrs.SIE, Csrs.SIP -> value & ~0x2444L;
          case Csrs.SATP -> value & -1L >>> 4 | (long) values.pick(translating) << 60;
          case Csrs.MCOUNTEREN, Csrs.SCOUNTEREN -> value & 0xffff_ffffL;
          case Csrs.MEDELEG -> value & 0xb3ff;
          default ->
              number >= Csrs.PMPADDR0 && number < Csrs.PMPADDR0 + 16 ? value & PMPADDR : value;
        };
    return legal == 0 ? 2 : legal;
  }

  private int operation(int rd, int number) {
    boolean picky =
        switch (number) {
          case Csrs.SATP,
              Csrs.MEPC,
              Csrs.SEPC,
              Csrs.MIE,
              Csrs.MIP,
              Csrs.MIDELEG,
              Csrs.SIE,
              Csrs.SIP ->
              true;
          default -> false;
        };
    int funct3 = picky ? values.pick(1, 2, 3) : values.pick(1, 2, 3, 5, 6, 7);
    int source = funct3 > 4 ? values.below(32) : values.oneIn(5) ? 0 : 25;
    return csr(funct3, values.oneIn(8) ? 0 : rd, number, source);
  }
}
