package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AcpiBuildStateTest {
  @Test
  void theAnswerTravelsThroughInOneByte() {
    AcpiBuildState state = new AcpiBuildState();
    assertThat(Wire.save(state)).containsExactly(0);
    Wire.load(state, new byte[] {1});
    assertThat(Wire.save(state)).containsExactly(1);
    state.reset();
    assertThat(Wire.save(state)).containsExactly(0);
  }
}
