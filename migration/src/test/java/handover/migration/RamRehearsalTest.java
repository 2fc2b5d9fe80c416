package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RamRehearsalTest {
  private static final long LIMIT_MILLIS = 60_000;

  @Test
  void memoryArrivesAsItWas() {
    assertThat(RamRehearsal.once(LIMIT_MILLIS)).isTrue();
  }

  @Test
  void nothingIsBegunWithoutTimeForIt() {
    assertThat(RamRehearsal.once(0)).isFalse();
  }
}
