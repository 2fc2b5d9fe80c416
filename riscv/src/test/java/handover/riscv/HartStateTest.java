package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.QemuRelease;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What migration carries of a hart. */
class HartStateTest {
  private final Parts parts = new Parts();

  @Test
  void theSectionHasTheLengthThatQemuGivesIt() {
    // Fields, then subsections pmp, envcfg and debug with name and version, of rv64gc.
    assertThat(payload(QemuRelease.QEMU_7_2)).hasSize(2524 + 157 + 40 + 71);
    assertThat(payload(QemuRelease.QEMU_10_0)).hasSize(2481 + 157 + 40 + 71);
    assertThat(payload(QemuRelease.QEMU_11_1)).hasSize(1679 + 589 + 40 + 66);
    assertThat(HartState.DECLARATION.versions()).hasToString("5, 10, 12");
  }

  @Test
  void everyReleasesSectionIsReadAsItWasWritten() {
    parts.registers.x[5] = 0x1234_5678_9abc_def0L;
    parts.registers.frm = 2;
    parts.registers.privilege = Privilege.SUPERVISOR;
    parts.openPmp();
    for (QemuRelease release : QemuRelease.values()) {
      byte[] written = payload(release);
      HartState read = new Parts().codec.blank();
      HartState.DECLARATION.load(
          read, new WireReader(written), HartState.DECLARATION.versionIn(release));
      Parts other = new Parts();
      other.codec.load(read);
      assertThat(other.registers).usingRecursiveComparison().isEqualTo(parts.registers);
      WireWriter again = new WireWriter();
      HartState.DECLARATION.save(other.codec.save(), again, release);
      assertThat(again.toByteArray()).as(release.wireName()).isEqualTo(written);
    }
  }

  @Test
  void anArmedTimerIsToldToReleasesThatWouldForgetIt() {
    parts.codec.timerArmed(() -> true);
    assertThat(pendingIn(QemuRelease.QEMU_7_2)).isEqualTo(1 << InterruptLines.MTIP);
    assertThat(pendingIn(QemuRelease.QEMU_10_0)).isEqualTo(1 << InterruptLines.MTIP);
    assertThat(pendingIn(QemuRelease.QEMU_10_2)).isZero();
    assertThat(pendingIn(QemuRelease.QEMU_11_1)).isZero();
  }

  private long pendingIn(QemuRelease release) {
    HartState read = parts.codec.blank();
    HartState.DECLARATION.load(
        read, new WireReader(payload(release)), HartState.DECLARATION.versionIn(release));
    return read.mip;
  }

  @Test
  void flagsThatCameBackFromAQemuThatRanTheGuestAreStale() {
    parts.registers.x[7] = 9;
    parts.registers.flags.accrued = 0x11;
    HartState state = parts.codec.save();
    parts.codec.load(state);
    assertThat(parts.registers.flags.accrued).isEqualTo(0x11);
    state.pc += 4;
    parts.codec.load(state);
    assertThat(parts.registers.flags.accrued).isZero();
  }

  private byte[] payload(QemuRelease release) {
    WireWriter out = new WireWriter();
    HartState.DECLARATION.save(parts.codec.save(), out, release);
    return out.toByteArray();
  }

  @Test
  void everythingTheGuestSeesSurvives() {
    Registers r = parts.registers;
    for (int i = 1; i < 32; i++) {
      r.x[i] = i * 0x0101_0101_0101_0101L;
      r.f[i] = ~r.x[i];
    }
    r.pc = 0x8000_1234L;
    r.privilege = Privilege.SUPERVISOR;
    r.frm = 3;
    r.flags.accrued = 0x15;
    for (int[] csr : new int[][] {{Csrs.STVEC, 4}, {Csrs.SEPC, 8}, {Csrs.SCAUSE, 12}}) {
      parts.csrs.write(csr[0], csr[1]);
    }
    parts.csrs.write(Csrs.SATP, 8L << 60 | 3L << 44 | 99);
    parts.csrs.write(Csrs.MSTATUS, Mstatus.MPRV | Mstatus.SUM | Mstatus.FS | Mstatus.SPIE);
    parts.csrs.write(Csrs.MIDELEG, -1);
    parts.csrs.write(Csrs.MIP, 0x22);
    parts.csrs.write(0xb02, 1_000_000);
    parts.lines.set(InterruptLines.MSIP, true);
    parts.openPmp();
    HartState state = parts.codec.save();

    Parts other = new Parts();
    other.codec.load(state);

    assertThat(other.registers).usingRecursiveComparison().isEqualTo(r);
    assertThat(other.csrs.read(0xb02)).isEqualTo(1_000_000);
    assertThat(other.pmp.permissions(0x1000, 8, Privilege.USER)).isEqualTo(7);
    assertThat(other.csrs.pending()).isEqualTo(0x22 | 1 << 3);
  }

  /** They may mean something where the guest returns to. */
  @Test
  void bitsThatMeanNothingHereTravelThrough() {
    HartState state = parts.codec.save();
    state.medeleg = 0x4_b109;
    state.mcountinhibit = 0x7_fffd;
    state.pmp[7].address = -1;
    parts.codec.load(state);
    HartState again = parts.codec.save();
    assertThat(again.medeleg).isEqualTo(0x4_b109);
    assertThat(again.mcountinhibit).isEqualTo(0x7_fffd);
    assertThat(again.pmp[7].address).isEqualTo(-1);
    parts.csrs.write(0x3b7, 5);
    assertThat(parts.codec.save().pmp[7].address).isEqualTo(5);
  }

  @Test
  void statesThatCannotBeAreRefused() {
    refused(s -> s.privilege = 2, "privilege mode 0, 1 or 3");
    refused(s -> s.privilege = -1, "privilege mode 0, 1 or 3");
    refused(s -> s.hartId = 5, "hart 0");
    refused(s -> s.misaMxl = 1, "64-bit");
    refused(s -> s.virtualised = 1, "virtualisation");
    refused(s -> s.satp = 10L << 60, "sv57=off");
    refused(s -> s.menvcfg = 1L << 63, "sstc=off");
    refused(s -> s.pmp[20].config = 7, "PMP entry 20 switched off");
    refused(s -> s.misaLetters |= 1 << 21, "'-cpu rv64,v=off'");
    refused(s -> s.mvien = 2, "no virtual interrupts");
  }

  private void refused(Consumer<HartState> damage, String says) {
    HartState state = parts.codec.save();
    damage.accept(state);
    assertThatThrownBy(() -> parts.codec.load(state))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining(says);
  }

  @Test
  void hostileBitsDoNotReachFieldsThatCannotHoldThem() {
    HartState state = parts.codec.save();
    state.gpr[0] = 77;
    state.mstatus = -1;
    state.frm = -1;
    state.pmp[0].config = 0xff;
    parts.codec.load(state);
    assertThat(parts.registers.x[0]).isZero();
    assertThat(parts.registers.frm).isBetween(0, 7);
    assertThat(parts.registers.mstatus & ~(Mstatus.WRITE | Mstatus.MPP | Mstatus.XL64)).isZero();
  }
}
