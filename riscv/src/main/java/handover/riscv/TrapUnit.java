package handover.riscv;

/** Enters and leaves traps (privileged specification, 3.1.6 to 3.1.9, 4.1). */
final class TrapUnit {
  private static final long INTERRUPT = 1L << 63;

  private static final int[] PRIORITY = {
    InterruptLines.MEIP,
    InterruptLines.MSIP,
    InterruptLines.MTIP,
    InterruptLines.SEIP,
    InterruptLines.SSIP,
    InterruptLines.STIP
  };

  private final Registers r;
  private final CsrFile csrs;
  private final Mmu mmu;

  TrapUnit(Registers registers, CsrFile csrs, Mmu mmu) {
    this.r = registers;
    this.csrs = csrs;
    this.mmu = mmu;
  }

  /** Takes an exception of the instruction at {@code registers.pc}. */
  void exception(int cause, long value) {
    boolean delegated = r.privilege != Privilege.MACHINE && (r.medeleg >>> cause & 1) != 0;
    enter(delegated, cause, false, value);
  }

  /** Takes the most urgent interrupt that is enabled, if there is one. */
  boolean interrupt() {
    long pending = csrs.pending() & r.mie;
    if (pending == 0) {
      return false;
    }
    long machine = machineEnabled() ? pending & ~r.mideleg : 0;
    long supervisor = supervisorEnabled() ? pending & r.mideleg : 0;
    long chosen = machine != 0 ? machine : supervisor;
    int cause = mostUrgent(chosen);
    if (cause >= 0) {
      r.waiting = false;
      enter(machine == 0, cause, true, 0);
    }
    return cause >= 0;
  }

  /** The most urgent of some interrupts, or -1 for none (3.1.9). */
  static int mostUrgent(long interrupts) {
    for (int cause : PRIORITY) {
      if ((interrupts >>> cause & 1) != 0) {
        return cause;
      }
    }
    return -1;
  }

  private boolean machineEnabled() {
    return r.privilege != Privilege.MACHINE || (r.mstatus & Mstatus.MIE) != 0;
  }

  private boolean supervisorEnabled() {
    return r.privilege == Privilege.USER
        || r.privilege == Privilege.SUPERVISOR && (r.mstatus & Mstatus.SIE) != 0;
  }

  private void enter(boolean supervisor, int cause, boolean interrupt, long value) {
    long code = interrupt ? INTERRUPT | cause : cause;
    if (supervisor) {
      r.scause = code;
      r.sepc = r.pc;
      r.stval = value;
      r.mstatus = stackSupervisor(r.mstatus, r.privilege);
      r.privilege = Privilege.SUPERVISOR;
    } else {
      r.mcause = code;
      r.mepc = r.pc;
      r.mtval = value;
      r.mstatus = stackMachine(r.mstatus, r.privilege);
      r.privilege = Privilege.MACHINE;
    }
    long vector = supervisor ? r.stvec : r.mtvec;
    boolean vectored = interrupt && (vector & 1) != 0;
    r.pc = (vector & ~3L) + (vectored ? 4L * cause : 0);
    mmu.contextChanged();
  }

  private static long stackSupervisor(long mstatus, int privilege) {
    long s = mstatus & ~(Mstatus.SIE | Mstatus.SPIE | Mstatus.SPP);
    s |= (mstatus & Mstatus.SIE) != 0 ? Mstatus.SPIE : 0;
    return privilege == Privilege.SUPERVISOR ? s | Mstatus.SPP : s;
  }

  private static long stackMachine(long mstatus, int privilege) {
    long s = mstatus & ~(Mstatus.MIE | Mstatus.MPIE | Mstatus.MPP);
    s |= (mstatus & Mstatus.MIE) != 0 ? Mstatus.MPIE : 0;
    return s | (long) privilege << Mstatus.MPP_SHIFT;
  }

  /** mret. */
  void returnFromMachine() {
    int privilege = Mstatus.previousPrivilege(r.mstatus);
    long s = r.mstatus & ~(Mstatus.MIE | Mstatus.MPP);
    s |= (r.mstatus & Mstatus.MPIE) != 0 ? Mstatus.MIE : 0;
    leave(s | Mstatus.MPIE, privilege, r.mepc);
  }

  /** sret. */
  void returnFromSupervisor() {
    int privilege = (r.mstatus & Mstatus.SPP) != 0 ? Privilege.SUPERVISOR : Privilege.USER;
    long s = r.mstatus & ~(Mstatus.SIE | Mstatus.SPP);
    s |= (r.mstatus & Mstatus.SPIE) != 0 ? Mstatus.SIE : 0;
    leave(s | Mstatus.SPIE, privilege, r.sepc);
  }

  private void leave(long mstatus, int privilege, long pc) {
    r.mstatus = privilege == Privilege.MACHINE ? mstatus : mstatus & ~Mstatus.MPRV;
    r.privilege = privilege;
    r.pc = pc;
    // What runs next may be another program that uses the same virtual address.
    r.reservation = -1;
    mmu.contextChanged();
  }
}
