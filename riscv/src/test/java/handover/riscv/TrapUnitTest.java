package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Entering and leaving traps. */
class TrapUnitTest {
  private final Parts parts = new Parts();
  private final Registers r = parts.registers;

  @BeforeEach
  void vectors() {
    r.mtvec = 0x8000_1000L;
    r.stvec = 0x8000_2000L;
    r.pc = 0x8000_0040L;
  }

  @Test
  void anExceptionGoesToMachineModeUnlessDelegated() {
    parts.privilege(Privilege.USER);
    r.mstatus |= Mstatus.MIE;
    parts.traps.exception(Trap.LOAD_PAGE_FAULT, 0x123);
    assertThat(r.privilege).isEqualTo(Privilege.MACHINE);
    assertThat(r.mcause).isEqualTo(13);
    assertThat(r.mtval).isEqualTo(0x123);
    assertThat(r.mepc).isEqualTo(0x8000_0040L);
    assertThat(r.pc).isEqualTo(0x8000_1000L);
    assertThat(Mstatus.previousPrivilege(r.mstatus)).isEqualTo(Privilege.USER);
    assertThat(r.mstatus & (Mstatus.MIE | Mstatus.MPIE)).isEqualTo(Mstatus.MPIE);
  }

  @Test
  void aDelegatedExceptionGoesToSupervisorMode() {
    parts.privilege(Privilege.USER);
    r.medeleg = 1 << 13;
    r.mstatus |= Mstatus.SIE | Mstatus.SPP;
    parts.traps.exception(Trap.LOAD_PAGE_FAULT, 0x123);
    assertThat(r.privilege).isEqualTo(Privilege.SUPERVISOR);
    assertThat(r.scause).isEqualTo(13);
    assertThat(r.pc).isEqualTo(0x8000_2000L);
    assertThat(r.mstatus & (Mstatus.SIE | Mstatus.SPIE | Mstatus.SPP)).isEqualTo(Mstatus.SPIE);
  }

  @Test
  void machineModeNeverDelegates() {
    r.medeleg = 1 << 13;
    parts.traps.exception(Trap.LOAD_PAGE_FAULT, 0);
    assertThat(r.privilege).isEqualTo(Privilege.MACHINE);
    assertThat(r.mcause).isEqualTo(13);
  }

  @Test
  void interruptsAreVectoredAndExceptionsAreNot() {
    r.mtvec |= 1;
    r.mie = -1;
    r.mstatus |= Mstatus.MIE;
    parts.lines.set(7, true);
    assertThat(parts.traps.interrupt()).isTrue();
    assertThat(r.pc).isEqualTo(0x8000_1000L + 4 * 7);
    assertThat(r.mcause).isEqualTo(1L << 63 | 7);
    parts.traps.exception(Trap.BREAKPOINT, 0);
    assertThat(r.pc).isEqualTo(0x8000_1000L);
  }

  @Test
  void theMostUrgentInterruptIsTakenFirst() {
    r.mie = -1;
    long[] order = {11, 3, 7, 9, 1, 5};
    for (long cause : order) {
      for (int wire : new int[] {3, 7, 9, 11}) {
        parts.lines.set(wire, true);
      }
      r.softwarePending = 0x222;
      for (long earlier : order) {
        if (earlier == cause) {
          break;
        }
        r.softwarePending &= ~(1L << earlier);
        parts.lines.set((int) earlier, false);
      }
      r.mstatus |= Mstatus.MIE;
      r.privilege = Privilege.MACHINE;
      assertThat(parts.traps.interrupt()).isTrue();
      assertThat(r.mcause).isEqualTo(1L << 63 | cause);
    }
  }

  @Test
  void aDelegatedInterruptDoesNotDisturbMachineMode() {
    r.mideleg = 0x222;
    r.mie = -1;
    r.mstatus |= Mstatus.MIE | Mstatus.SIE;
    parts.lines.set(9, true);
    assertThat(parts.traps.interrupt()).isFalse();
    parts.privilege(Privilege.SUPERVISOR);
    assertThat(parts.traps.interrupt()).isTrue();
    assertThat(r.scause).isEqualTo(1L << 63 | 9);
  }

  @Test
  void aLowerModeIsInterruptedWhateverItsEnableSays() {
    r.mideleg = 0x222;
    r.mie = -1;
    parts.lines.set(9, true);
    parts.privilege(Privilege.SUPERVISOR);
    assertThat(parts.traps.interrupt()).as("SIE is off").isFalse();
    parts.privilege(Privilege.USER);
    assertThat(parts.traps.interrupt()).isTrue();
  }

  @Test
  void mretRestoresAndDropsMprvBelowMachineMode() {
    r.mstatus |= Mstatus.MPIE | Mstatus.MPRV | 1L << Mstatus.MPP_SHIFT;
    r.mepc = 0x8000_0100L;
    parts.traps.returnFromMachine();
    assertThat(r.privilege).isEqualTo(Privilege.SUPERVISOR);
    assertThat(r.pc).isEqualTo(0x8000_0100L);
    assertThat(r.mstatus & (Mstatus.MIE | Mstatus.MPIE)).isEqualTo(Mstatus.MIE | Mstatus.MPIE);
    assertThat(r.mstatus & (Mstatus.MPRV | Mstatus.MPP)).isZero();
  }

  @Test
  void sretRestores() {
    r.mstatus |= Mstatus.SPP;
    r.sepc = 0x8000_0200L;
    parts.traps.returnFromSupervisor();
    assertThat(r.privilege).isEqualTo(Privilege.SUPERVISOR);
    assertThat(r.mstatus & (Mstatus.SIE | Mstatus.SPIE | Mstatus.SPP)).isEqualTo(Mstatus.SPIE);
    parts.traps.returnFromSupervisor();
    assertThat(r.privilege).isEqualTo(Privilege.USER);
    assertThat(r.mstatus & Mstatus.SIE).isNotZero();
  }
}
