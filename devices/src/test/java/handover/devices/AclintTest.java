package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.QemuRelease;
import handover.vmstate.WireWriter;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class AclintTest {
  private static final long MTIMECMP = 0x4000;
  private static final long MTIME = 0xbff8;

  private final AtomicLong host = new AtomicLong();
  private final GuestClock clock = new GuestClock(host::get);
  private final GuestTimers timers = new GuestTimers(clock);
  private final Level[] msip = {new Level(), new Level()};
  private final Level[] mtip = {new Level(), new Level()};
  private final Aclint aclint = new Aclint(clock, timers, msip, mtip);

  private static ByteBuffer newest(Aclint aclint) {
    WireWriter out = new WireWriter();
    aclint.declaration().save(aclint.snapshot(), out, QemuRelease.QEMU_11_1);
    return ByteBuffer.wrap(out.toByteArray());
  }

  private void ticks(long ticks) {
    host.set(ticks * 100);
    timers.fireDue();
  }

  @Test
  void softwareInterruptsAreOneBitPerHart() {
    aclint.store(4, 4, 0xffff_ffffL);
    assertThat(msip[1].high()).isTrue();
    assertThat(msip[0].high()).isFalse();
    assertThat(aclint.load(4, 4)).isEqualTo(1);
    aclint.store(4, 4, 0);
    assertThat(msip[1].high()).isFalse();
    aclint.store(8, 4, 1);
    assertThat(aclint.load(8, 4)).as("a hart that does not exist").isZero();
  }

  @Test
  void timerInterruptRisesAtItsDeadlineAndFallsOnANewOne() {
    clock.resume();
    aclint.store(MTIMECMP + 8, 8, 1000);
    ticks(999);
    assertThat(mtip[1].high()).isFalse();
    ticks(1000);
    assertThat(mtip[1].high()).isTrue();
    assertThat(mtip[0].high()).isFalse();
    aclint.store(MTIMECMP + 8, 8, 2000);
    assertThat(mtip[1].high()).isFalse();
    ticks(2001);
    assertThat(mtip[1].high()).isTrue();
  }

  @Test
  void aTimerThatIsDueButWasNotServedWhenTheClockStoppedIsStillArmed() {
    clock.resume();
    assertThat(aclint.armed(0)).as("never set").isFalse();
    aclint.store(MTIMECMP, 8, 1000);
    host.set(1001 * 100);
    clock.pause();
    assertThat(mtip[0].high()).isFalse();
    assertThat(aclint.armed(0)).isTrue();
    assertThat(newest(aclint).getLong(24))
        .as("for a QEMU that arms its timers from these")
        .isEqualTo(100_000);
  }

  @Test
  void aDeadlineInThePastRaisesAtOnceAndComparesUnsigned() {
    clock.resume();
    ticks(50);
    aclint.store(MTIMECMP, 8, 50);
    assertThat(mtip[0].high()).isTrue();
    aclint.store(MTIMECMP, 8, -1);
    assertThat(mtip[0].high()).isFalse();
    assertThat(timers.fireDue()).isEqualTo(GuestTimers.NEVER);
  }

  @Test
  void halvesAreWrittenAndReadSeparately() {
    aclint.store(MTIMECMP, 4, 0x1111_2222);
    aclint.store(MTIMECMP + 4, 4, 0x3333_4444);
    assertThat(aclint.load(MTIMECMP, 8)).isEqualTo(0x3333_4444_1111_2222L);
    assertThat(aclint.load(MTIMECMP, 4)).isEqualTo(0x1111_2222);
    assertThat(aclint.load(MTIMECMP + 4, 4)).isEqualTo(0x3333_4444);
  }

  @Test
  void mtimeCanBeSetAndTheTimersFollow() {
    clock.resume();
    aclint.store(MTIMECMP, 8, 1_000_000);
    aclint.store(MTIME, 8, 999_000);
    ticks(999);
    assertThat(aclint.load(MTIME, 8)).isEqualTo(999_999);
    assertThat(mtip[0].high()).isFalse();
    ticks(1000);
    assertThat(mtip[0].high()).isTrue();
  }

  @Test
  void hasQemusLayoutOf8BytesAHart() {
    aclint.store(MTIMECMP + 8, 8, 5);
    byte[] payload = Wire.save(aclint);
    assertThat(payload).hasSize(16).endsWith(0, 0, 0, 0, 0, 0, 0, 5);
    assertThat(aclint.declaration().versionIn(QemuRelease.QEMU_10_0)).isEqualTo(1);
  }

  @Test
  void qemusFrom102OnGetTheDeadlineToo() {
    clock.resume();
    aclint.store(MTIME, 8, 50);
    aclint.store(MTIMECMP, 8, 1000);
    ByteBuffer payload = newest(aclint);
    assertThat(payload.remaining()).isEqualTo(8 + 2 * 8 + 2 * 8);
    assertThat(payload.getLong(0)).as("time_delta").isEqualTo(50);
    assertThat(payload.getLong(8)).as("timecmp").isEqualTo(1000);
    assertThat(payload.getLong(24)).as("deadline in ns").isEqualTo(950 * 100);
    assertThat(payload.getLong(32)).as("a timer that is off").isEqualTo(-1);
  }

  @Test
  void aPendingTimerSurvivesAMove() {
    clock.resume();
    aclint.store(MTIMECMP, 8, 1000);
    ticks(400);
    clock.pause();

    AtomicLong otherHost = new AtomicLong(1L << 50);
    GuestClock otherClock = new GuestClock(otherHost::get);
    GuestTimers otherTimers = new GuestTimers(otherClock);
    Level[] lines = {new Level(), new Level()};
    Aclint other = new Aclint(otherClock, otherTimers, lines, lines);
    Wire.move(aclint, other);
    Wire.move(clock, otherClock);
    otherClock.resume();
    other.resume();
    assertThat(otherTimers.fireDue()).isEqualTo(1000 * 100);
    assertThat(lines[0].high()).isFalse();
    otherHost.addAndGet(600 * 100);
    otherTimers.fireDue();
    assertThat(lines[0].high()).isTrue();
  }

  @Test
  void aWrittenMtimeMovesToo() {
    clock.resume();
    aclint.store(MTIME, 8, 12345);
    Aclint other = new Aclint(clock, timers, msip, mtip);
    Wire.move(aclint, other);
    assertThat(other.mtime()).isEqualTo(12345);
  }

  @Test
  void resetLowersEverything() {
    clock.resume();
    aclint.store(0, 4, 1);
    aclint.store(MTIMECMP, 8, 0);
    aclint.reset();
    assertThat(msip[0].high()).isFalse();
    assertThat(mtip[0].high()).isFalse();
    assertThat(aclint.load(MTIMECMP, 8)).isEqualTo(-1);
  }
}
