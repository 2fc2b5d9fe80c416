package handover.riscv;

import java.util.Set;

/**
 * Zicsr, Zifencei and the privileged instructions. Executed with {@code registers.pc} at the
 * instruction; all that go on in order advance it.
 */
final class SystemOps {
  /** sscratch, sepc, scause, stval; mscratch, mepc, mcause, mtval: memory for the software. */
  private static final Set<Integer> PLAIN =
      Set.of(0x140, 0x141, 0x142, 0x143, 0x340, 0x341, 0x342, 0x343);

  private final Registers r;
  private final CsrFile csrs;
  private final TrapUnit traps;
  private final Mmu mmu;
  private final Trap trap;

  SystemOps(Registers registers, CsrFile csrs, TrapUnit traps, Mmu mmu, Trap trap) {
    this.r = registers;
    this.csrs = csrs;
    this.traps = traps;
    this.mmu = mmu;
    this.trap = trap;
  }

  /**
   * Executes one; throws {@link Trap}.
   *
   * @return whether execution may simply go on: privilege, translation and interrupt enables stayed
   */
  boolean execute(long decoded) {
    switch (Decoded.op(decoded)) {
      case Op.CSRRW, Op.CSRRS, Op.CSRRC, Op.CSRRWI, Op.CSRRSI, Op.CSRRCI -> {
        return csr(decoded);
      }
      case Op.ECALL -> throw trap.with(Trap.ECALL_FROM_U + r.privilege, 0);
      case Op.EBREAK -> throw trap.with(Trap.BREAKPOINT, r.pc);
      case Op.MRET -> {
        require(r.privilege == Privilege.MACHINE);
        traps.returnFromMachine();
      }
      case Op.SRET -> {
        require(!supervisorDenied(Mstatus.TSR));
        traps.returnFromSupervisor();
      }
      case Op.WFI -> waitForInterrupt();
      case Op.SFENCE_VMA -> fence(decoded);
      case Op.FENCE_I -> {
        mmu.synchroniseCode();
        r.pc += 4;
      }
      default -> throw illegal();
    }
    return false;
  }

  /** The exception for an instruction that does not exist here or may not be executed now. */
  Trap illegal() {
    int bits = mmu.instruction(r.pc);
    return trap.with(Trap.ILLEGAL_INSTRUCTION, Decoder.isFull(bits) ? bits & 0xffff_ffffL : bits);
  }

  private void require(boolean allowed) {
    if (!allowed) {
      throw illegal();
    }
  }

  /**
   * Whether the mode is too low for a supervisor instruction, or this bit of mstatus forbids it.
   */
  private boolean supervisorDenied(long forbiddingBit) {
    return r.privilege < Privilege.SUPERVISOR
        || r.privilege == Privilege.SUPERVISOR && (r.mstatus & forbiddingBit) != 0;
  }

  private void waitForInterrupt() {
    // With TW a bounded wait is allowed before the exception; the bound here is none. In U mode
    // without TW likewise: this hart has S mode.
    require(r.privilege != Privilege.USER && !timeoutWait());
    r.waiting = true;
    r.pc += 4;
  }

  private boolean timeoutWait() {
    return r.privilege != Privilege.MACHINE && (r.mstatus & Mstatus.TW) != 0;
  }

  private void fence(long decoded) {
    require(!supervisorDenied(Mstatus.TVM));
    int rs1 = Decoded.rs1(decoded);
    int rs2 = Decoded.rs2(decoded);
    int asid = rs2 == 0 ? -1 : (int) r.x[rs2] & 0xffff;
    if (rs1 == 0) {
      mmu.fence(asid);
    } else {
      mmu.fencePage(r.x[rs1], asid);
    }
    r.pc += 4;
  }

  /**
   * Whether translated code may execute an instruction and usually go on: a CSR is only read, or
   * written where nothing depends on it but, for sstatus, what {@link #execute} answers. Those of
   * floating point never: translated code takes them for granted.
   */
  static boolean goesOn(long decoded) {
    int number = Decoded.immediate(decoded);
    return Decoded.op(decoded) >= Op.CSRRW
        && number > CsrFile.FCSR
        && (!writes(decoded) || number == CsrFile.SSTATUS || PLAIN.contains(number));
  }

  private static boolean writes(long decoded) {
    int op = Decoded.op(decoded);
    return op == Op.CSRRW || op == Op.CSRRWI || Decoded.rs1(decoded) != 0;
  }

  private boolean csr(long decoded) {
    int op = Decoded.op(decoded);
    int number = Decoded.immediate(decoded);
    int source = Decoded.rs1(decoded);
    boolean immediate = op >= Op.CSRRWI;
    boolean write = writes(decoded);
    require(csrs.accessible(number, write));
    int context = mmu.dataContext();
    long operand = immediate ? source : r.x[source];
    long old = csrs.read(number);
    if (write) {
      csrs.write(number, updated(op, number, operand));
    }
    r.x[Decoded.rd(decoded)] = old;
    r.pc += 4;
    return !write
        || !csrs.changesContext(number)
        || number == CsrFile.SSTATUS
            && mmu.dataContext() == context
            && (csrs.pending() & r.mie) == 0;
  }

  private long updated(int op, int number, long operand) {
    return switch (op) {
      case Op.CSRRW, Op.CSRRWI -> operand;
      case Op.CSRRS, Op.CSRRSI -> csrs.readForUpdate(number) | operand;
      default -> csrs.readForUpdate(number) & ~operand;
    };
  }
}
