package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is hot is known to the destination before the guest arrives, and does no harm. */
class WarmArrivalTest {
  @Test
  void theDestinationHearsWhatIsHot() {
    assertThat(heard(new byte[] {1, 2, 3}, true)).containsExactly(1, 2, 3);
  }

  @Test
  void aGuestArrivesWhateverTheSourceSays() {
    assertThat(heard(new byte[] {0, 2, 3}, true)).containsExactly(0, 2, 3);
  }

  @Test
  void nothingIsToldIfThatIsNotWanted() {
    assertThat(heard(new byte[] {1, 2, 3}, false)).isEmpty();
  }

  private static byte[] heard(byte[] hotCode, boolean wanted) {
    try (Pair pair = new Pair()) {
      pair.source.hotCode = hotCode;
      pair.out.settings().set(Capability.X_WARM_ARRIVAL, wanted);
      pair.in.settings().set(Capability.X_WARM_ARRIVAL, true);
      pair.succeeding(pair.listen());
      return pair.destination.warmedUp.get();
    }
  }
}
