package handover.lab.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class LogScaleTest {
  @Property(tries = 200)
  void everyValueAndEveryTickLiesOnTheLine(
      @ForAll @LongRange(min = 0, max = 10_000_000) long a,
      @ForAll @LongRange(min = 0, max = 10_000_000) long b) {
    LogScale scale = new LogScale(Math.min(a, b), Math.max(a, b), 50, 500);
    assertThat(scale.at(a)).isBetween(50 - 1e-6, 500 + 1e-6);
    assertThat(scale.at(b)).isBetween(50 - 1e-6, 500 + 1e-6);
    assertThat(scale.ticks()).hasSizeGreaterThan(1);
    assertThat(scale.ticks()).allMatch(t -> scale.at(t) >= 50 - 1e-6 && scale.at(t) <= 500 + 1e-6);
    assertThat(scale.ticks()).anyMatch(scale::labelled);
  }

  @Test
  void aFactorOfTenIsTheSameLengthEverywhere() {
    LogScale scale = new LogScale(10, 100_000, 0, 400);
    assertThat(scale.at(100) - scale.at(10)).isCloseTo(100, within(1e-6));
    assertThat(scale.at(100_000) - scale.at(10_000)).isCloseTo(100, within(1e-6));
    assertThat(scale.ticks()).contains(10L, 20L, 50L, 100_000L).doesNotContain(5L, 200_000L);
  }
}
