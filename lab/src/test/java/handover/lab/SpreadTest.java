package handover.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void percentilesAreMeasuredValues() {
    Spread spread = Spread.of(LongStream.rangeClosed(1, 200).map(v -> 10 * (201 - v)));
    assertThat(spread.median()).isEqualTo(1005);
    assertThat(spread.percentile(0)).isEqualTo(10);
    assertThat(spread.percentile(50)).isEqualTo(1000);
    assertThat(spread.percentile(99)).isEqualTo(1980);
    assertThat(spread.percentile(100)).isEqualTo(2000);
  }

  @Test
  void oneValueIsEveryPercentile() {
    Spread spread = Spread.of(LongStream.of(7));
    assertThat(spread.median()).isEqualTo(7);
    assertThat(spread.percentile(99)).isEqualTo(7);
  }

  @Test
  void ofFewTheLastPercentileIsTheWorst() {
    assertThat(Spread.of(LongStream.of(3, 1, 2)).percentile(99)).isEqualTo(3);
    assertThat(Spread.of(LongStream.of(3, 1, 2)).median()).isEqualTo(2);
  }

  @Test
  void nothingHasNoSpread() {
    assertThatThrownBy(() -> Spread.of(LongStream.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
