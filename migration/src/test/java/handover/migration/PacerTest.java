package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {
  private long now = 1_000;
  private long limit = 10_000_000;
  private final Pacer pacer = new Pacer(() -> limit, () -> now);

  @Test
  void holdsBackUntilTheRateIsMet() {
    assertThat(pacer.pauseNanos()).isZero();
    pacer.sent(1_000_000);
    assertThat(pacer.pauseNanos()).isEqualTo(100_000_000);
    now += 60_000_000;
    assertThat(pacer.pauseNanos()).isEqualTo(40_000_000);
    now += 40_000_000;
    assertThat(pacer.pauseNanos()).isZero();
  }

  @Test
  void aLimitLiftedMeanwhileCountsAtOnce() {
    pacer.sent(100_000_000);
    assertThat(pacer.pauseNanos()).isPositive();
    limit = 0;
    assertThat(pacer.pauseNanos()).isZero();
  }

  @Test
  void chunksSuitTheLimit() {
    assertThat(pacer.chunk()).isEqualTo(500_000);
    limit = 1;
    assertThat(pacer.chunk()).isEqualTo(64 << 10);
    limit = 0;
    assertThat(pacer.chunk()).isEqualTo(2 << 20);
  }

  @Test
  void idleTimeIsNotSavedUp() {
    now += 10_000_000_000L;
    assertThat(pacer.pauseNanos()).isZero();
    pacer.sent(1_000_000);
    assertThat(pacer.pauseNanos()).isEqualTo(100_000_000);
  }
}
