package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Access rules and legal values of control and status registers. */
class CsrFileTest {
  private final Parts parts = new Parts();
  private final Registers r = parts.registers;
  private final CsrFile csrs = parts.csrs;

  @Test
  void aLowerModeReachesNoRegisterOfAHigher() {
    parts.privilege(Privilege.SUPERVISOR);
    assertThat(csrs.accessible(Csrs.MSTATUS, false)).isFalse();
    assertThat(csrs.accessible(Csrs.SSTATUS, true)).isTrue();
    parts.privilege(Privilege.USER);
    assertThat(csrs.accessible(Csrs.SSTATUS, false)).isFalse();
  }

  @Test
  void readOnlyRegistersRefuseWritesOnly() {
    assertThat(csrs.accessible(Csrs.MHARTID, false)).isTrue();
    assertThat(csrs.accessible(Csrs.MHARTID, true)).isFalse();
  }

  @Test
  void registersThatDoNotExistAreInaccessible() {
    assertThat(csrs.accessible(0x7c0, false)).isFalse();
    assertThat(csrs.accessible(0x3c0, false)).as("pmpaddr16").isFalse();
    assertThat(csrs.accessible(0x3a1, false)).as("pmpcfg1 of RV32").isFalse();
    assertThat(csrs.accessible(0xc81, false)).as("timeh of RV32").isFalse();
  }

  @Test
  void mppHoldsOnlyModesThatExist() {
    csrs.write(Csrs.MSTATUS, 3L << 11);
    csrs.write(Csrs.MSTATUS, 2L << 11);
    assertThat(Mstatus.previousPrivilege(csrs.read(Csrs.MSTATUS))).isEqualTo(3);
    csrs.write(Csrs.MSTATUS, 1L << 11);
    assertThat(Mstatus.previousPrivilege(csrs.read(Csrs.MSTATUS))).isEqualTo(1);
  }

  @Test
  void sstatusShowsAndChangesOnlyItsPart() {
    csrs.write(Csrs.SSTATUS, -1);
    long mstatus = csrs.read(Csrs.MSTATUS);
    assertThat(mstatus & (Mstatus.MIE | Mstatus.MPRV | Mstatus.MPP | Mstatus.TVM)).isZero();
    assertThat(mstatus & Mstatus.SUM).isNotZero();
    assertThat(csrs.read(Csrs.SSTATUS)).isEqualTo(Mstatus.SSTATUS_WRITE | 2L << 32 | Mstatus.SD);
  }

  @Test
  void aDirtyFloatingPointUnitSetsTheSummaryBit() {
    csrs.write(Csrs.MSTATUS, Mstatus.FS_INITIAL);
    assertThat(csrs.read(Csrs.MSTATUS)).isPositive();
    csrs.write(Csrs.FCSR, 0x1f);
    assertThat(csrs.read(Csrs.MSTATUS)).isNegative();
    assertThat(csrs.read(Csrs.FFLAGS)).isEqualTo(0x1f);
  }

  @Test
  void floatingPointRegistersNeedTheUnitOn() {
    assertThat(csrs.accessible(Csrs.FCSR, false)).isFalse();
    csrs.write(Csrs.MSTATUS, Mstatus.FS_INITIAL);
    assertThat(csrs.accessible(Csrs.FCSR, false)).isTrue();
    csrs.write(Csrs.FCSR, 0xff);
    assertThat(csrs.read(Csrs.FRM)).isEqualTo(7);
  }

  @Test
  void anUnknownTranslationModeLeavesSatpAlone() {
    csrs.write(Csrs.SATP, 8L << 60 | 5L << 44 | 0x1234);
    csrs.write(Csrs.SATP, 10L << 60 | 0x9999);
    assertThat(csrs.read(Csrs.SATP)).isEqualTo(8L << 60 | 5L << 44 | 0x1234);
    csrs.write(Csrs.SATP, 9L << 60 | 0x777);
    assertThat(csrs.read(Csrs.SATP)).isEqualTo(9L << 60 | 0x777);
  }

  @Test
  void tvmKeepsSupervisorsFromSatp() {
    parts.privilege(Privilege.SUPERVISOR);
    assertThat(csrs.accessible(Csrs.SATP, true)).isTrue();
    r.mstatus |= Mstatus.TVM;
    assertThat(csrs.accessible(Csrs.SATP, false)).isFalse();
    parts.privilege(Privilege.MACHINE);
    assertThat(csrs.accessible(Csrs.SATP, true)).isTrue();
  }

  @Test
  void countersAreOpenedModeByMode() {
    int time = 0xc01;
    assertThat(csrs.read(time)).isEqualTo(1234);
    parts.privilege(Privilege.SUPERVISOR);
    assertThat(csrs.accessible(time, false)).isFalse();
    r.mcounteren = 2;
    assertThat(csrs.accessible(time, false)).isTrue();
    assertThat(csrs.accessible(0xc00, false)).isFalse();
    parts.privilege(Privilege.USER);
    assertThat(csrs.accessible(time, false)).isFalse();
    r.scounteren = 2;
    assertThat(csrs.accessible(time, false)).isTrue();
    r.mcounteren = 0;
    assertThat(csrs.accessible(time, false)).isFalse();
  }

  @Test
  void seipIsWireOrSoftwareAndUpdatesSeeOnlySoftware() {
    long seip = 1 << 9;
    parts.lines.set(9, true);
    assertThat(csrs.read(Csrs.MIP)).isEqualTo(seip);
    assertThat(csrs.readForUpdate(Csrs.MIP)).isZero();
    csrs.write(Csrs.MIP, seip);
    parts.lines.set(9, false);
    assertThat(csrs.read(Csrs.MIP)).isEqualTo(seip);
    csrs.write(Csrs.MIP, 0);
    assertThat(csrs.read(Csrs.MIP)).isZero();
  }

  @Test
  void machineWiresCannotBeWritten() {
    csrs.write(Csrs.MIP, -1);
    assertThat(csrs.read(Csrs.MIP)).isEqualTo(0x222);
  }

  @Test
  void supervisorsSeeAndClearOnlyWhatIsDelegated() {
    csrs.write(Csrs.MIP, 0x222);
    assertThat(csrs.read(Csrs.SIP)).isZero();
    csrs.write(Csrs.MIDELEG, -1);
    assertThat(csrs.read(Csrs.MIDELEG)).isEqualTo(0x222);
    csrs.write(Csrs.SIP, 0);
    assertThat(csrs.read(Csrs.SIP)).as("only SSIP is theirs to clear").isEqualTo(0x220);
    csrs.write(Csrs.SIE, -1);
    assertThat(csrs.read(Csrs.MIE)).isEqualTo(0x222);
  }

  @Test
  void vectorsHaveTwoModes() {
    csrs.write(Csrs.MTVEC, 0x8000_0001L);
    csrs.write(Csrs.MTVEC, 0x9000_0002L);
    assertThat(csrs.read(Csrs.MTVEC)).isEqualTo(0x8000_0001L);
  }

  @Test
  void misaTellsTheLettersAndIgnoresWrites() {
    csrs.write(Csrs.MISA, 0);
    assertThat(csrs.read(Csrs.MISA))
        .isEqualTo(2L << 62 | 1 << 8 | 1 << 12 | 1 | 1 << 5 | 1 << 3 | 1 << 2 | 1 << 18 | 1 << 20);
  }

  @Test
  void inhibitedCountersStandStillAndKeepWhatIsWritten() {
    csrs.write(0xb02, 100);
    assertThat(csrs.read(0xb02)).isEqualTo(100);
    csrs.write(0x320, 5);
    advance(50);
    assertThat(csrs.read(0xb02)).isEqualTo(100);
    csrs.write(0x320, 0);
    advance(50);
    assertThat(csrs.read(0xb02)).isEqualTo(150);
  }

  private void advance(int instructions) {
    parts.counters.budget = instructions;
    parts.counters.settle();
  }
}
