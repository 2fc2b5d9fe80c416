package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class GoldfishRtcTest {
  private static final long EPOCH = 1_800_000_000_123_456_789L;

  private final AtomicLong wall = new AtomicLong(EPOCH);
  private final AtomicLong host = new AtomicLong();
  private final GuestClock clock = new GuestClock(host::get);
  private final GuestTimers timers = new GuestTimers(clock);
  private final Level irq = new Level();
  private final GoldfishRtc rtc = new GoldfishRtc(wall::get, clock, timers, irq);

  private static long time(GoldfishRtc rtc) {
    long low = rtc.load(0, 4);
    return rtc.load(4, 4) << 32 | low;
  }

  private void pass(long nanos) {
    wall.addAndGet(nanos);
    host.addAndGet(nanos);
    timers.fireDue();
  }

  private void alarm(long at) {
    rtc.store(0x0c, 4, at >>> 32);
    rtc.store(0x08, 4, at & 0xffff_ffffL);
  }

  @Test
  void showsTheWallClockWithAHighHalfThatFitsTheLow() {
    assertThat(time(rtc)).isEqualTo(EPOCH);
    rtc.load(0, 4);
    wall.set(EPOCH + (1L << 40));
    assertThat(rtc.load(4, 4)).as("latched").isEqualTo(EPOCH >>> 32);
  }

  @Test
  void canBeSetAndKeepsRunning() {
    rtc.store(4, 4, 1);
    rtc.store(0, 4, 5);
    pass(10);
    assertThat(time(rtc)).isEqualTo((1L << 32) + 15);
  }

  @Test
  void alarmInterruptsAtItsTimeWhenEnabled() {
    clock.resume();
    alarm(EPOCH + 1000);
    rtc.store(0x10, 4, 1);
    assertThat(rtc.load(0x18, 4)).isEqualTo(1);
    pass(999);
    assertThat(irq.high()).isFalse();
    pass(1);
    assertThat(irq.high()).isTrue();
    assertThat(rtc.load(0x18, 4)).isZero();
    rtc.store(0x1c, 4, 1);
    assertThat(irq.high()).isFalse();
  }

  @Test
  void anAlarmInThePastInterruptsAtOnceAndAClearedOneNever() {
    clock.resume();
    rtc.store(0x10, 4, 1);
    alarm(EPOCH + 1000);
    rtc.store(0x14, 4, 1);
    pass(5000);
    assertThat(irq.high()).isFalse();
    alarm(EPOCH);
    assertThat(irq.high()).isTrue();
  }

  @Test
  void movesSetTimeAndPendingAlarmInFortyBytes() {
    clock.resume();
    rtc.store(0x10, 4, 1);
    rtc.store(4, 4, 7);
    alarm((7L << 32 | EPOCH & 0xffff_ffffL) + 500);
    clock.pause();
    byte[] payload = Wire.save(rtc);
    assertThat(payload).hasSize(40);

    Level otherIrq = new Level();
    GoldfishRtc other = new GoldfishRtc(wall::get, clock, timers, otherIrq);
    Wire.load(other, payload);
    assertThat(time(other)).isEqualTo(time(rtc));
    clock.resume();
    other.resume();
    pass(400);
    assertThat(otherIrq.high()).isFalse();
    pass(100);
    assertThat(otherIrq.high()).isTrue();
  }

  @Test
  void resetKeepsTheTime() {
    rtc.store(4, 4, 9);
    long before = time(rtc);
    rtc.reset();
    assertThat(time(rtc)).isEqualTo(before);
    assertThat(rtc.load(0x10, 4)).isZero();
  }
}
