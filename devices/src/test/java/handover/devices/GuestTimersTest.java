package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class GuestTimersTest {
  private final AtomicLong host = new AtomicLong();
  private final GuestClock clock = new GuestClock(host::get);
  private final GuestTimers timers = new GuestTimers(clock);

  @Test
  void expiresOnceWhenDueAndTellsTheNextDeadline() {
    AtomicInteger early = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    timers.create(early::incrementAndGet).arm(100);
    timers.create(late::incrementAndGet).arm(200);
    clock.resume();
    assertThat(timers.fireDue()).isEqualTo(100);
    host.set(150);
    assertThat(timers.fireDue()).isEqualTo(200);
    host.set(500);
    assertThat(timers.fireDue()).isEqualTo(GuestTimers.NEVER);
    assertThat(early).hasValue(1);
    assertThat(late).hasValue(1);
  }

  @Test
  void nothingExpiresWhileTimeStandsStill() {
    AtomicInteger expired = new AtomicInteger();
    timers.create(expired::incrementAndGet).arm(0);
    assertThat(timers.fireDue()).isEqualTo(GuestTimers.NEVER);
    assertThat(expired).hasValue(0);
    clock.resume();
    timers.fireDue();
    assertThat(expired).hasValue(1);
  }

  @Test
  void aDisarmedTimerIsSilent() {
    AtomicInteger expired = new AtomicInteger();
    GuestTimers.Timer timer = timers.create(expired::incrementAndGet);
    timer.arm(10);
    timer.disarm();
    clock.resume();
    host.set(1000);
    timers.fireDue();
    assertThat(expired).hasValue(0);
  }

  @Test
  void theThreadWakesForAnEarlierDeadlineAndAfterAPause() throws InterruptedException {
    GuestClock real = new GuestClock(System::nanoTime);
    try (GuestTimers running = GuestTimers.start(real)) {
      CountDownLatch first = new CountDownLatch(1);
      GuestTimers.Timer timer = running.create(first::countDown);
      real.resume();
      timer.arm(real.nanos() + TimeUnit.HOURS.toNanos(1));
      timer.arm(real.nanos() + 100_000);
      assertThat(first.await(10, TimeUnit.SECONDS)).as("expiry of the nearer deadline").isTrue();
      CountDownLatch second = new CountDownLatch(1);
      real.pause();
      running.create(second::countDown).arm(real.nanos() + 1000);
      real.resume();
      assertThat(second.await(10, TimeUnit.SECONDS)).as("expiry after resume").isTrue();
    }
  }

  @Test
  void aFailingExpiryDoesNotStopTheOthers() {
    AtomicInteger expired = new AtomicInteger();
    timers
        .create(
            () -> {
              throw new IllegalStateException("expected by the test");
            })
        .arm(1);
    timers.create(expired::incrementAndGet).arm(1);
    clock.resume();
    host.set(2);
    timers.fireDue();
    assertThat(expired).hasValue(1);
  }
}
