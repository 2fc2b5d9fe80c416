package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class GuestClockTest {
  private final AtomicLong host = new AtomicLong(5_000_000_000L);
  private final GuestClock clock = new GuestClock(host::get);

  @Test
  void startsStoppedAtZeroAndCountsTenMegahertz() {
    host.addAndGet(1_000);
    assertThat(clock.nanos()).isZero();
    clock.resume();
    host.addAndGet(1_000_000_000);
    assertThat(clock.ticks()).isEqualTo(10_000_000);
  }

  @Test
  void standsStillWhilePaused() {
    clock.resume();
    host.addAndGet(700);
    clock.pause();
    clock.pause();
    host.addAndGet(1_000_000);
    assertThat(clock.nanos()).isEqualTo(700);
    clock.resume();
    clock.resume();
    host.addAndGet(100);
    assertThat(clock.nanos()).isEqualTo(800);
  }

  @Test
  void goesOnWhereTheSourceStopped() {
    clock.resume();
    host.addAndGet(123_456_789);
    clock.pause();
    AtomicLong otherHost = new AtomicLong(-77);
    GuestClock other = new GuestClock(otherHost::get);
    Wire.move(clock, other);
    assertThat(other.nanos()).isEqualTo(123_456_789);
    other.resume();
    otherHost.addAndGet(11);
    assertThat(other.nanos()).isEqualTo(123_456_800);
  }

  @Test
  void hasQemusLayout() {
    clock.resume();
    host.addAndGet(0x0102030405L);
    byte[] payload = Wire.save(clock);
    assertThat(payload).hasSize(24);
    assertThat(payload[19]).isEqualTo((byte) 1);
    assertThat(payload[23]).isEqualTo((byte) 5);
    assertThat(clock.sectionName()).isEqualTo("timer");
    assertThat(clock.declaration().version()).isEqualTo(2);
  }
}
