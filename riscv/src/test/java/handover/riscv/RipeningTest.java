package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A region is kept from the guest until HotSpot has compiled it, and not for ever. */
class RipeningTest {
  private static final class Counted extends TranslatedCode {
    private int calls;

    @Override
    long run(Dispatcher dispatcher, long base, int left, int entry) {
      assertThat(left).as("budget").isZero();
      calls++;
      return 0;
    }
  }

  @Test
  void asksHotSpotByCallingAndEndsInAnyCase() {
    Counted code = new Counted();
    Ripening ripening = new Ripening(code);
    assertThat(code.calls).as("calls before the first look").isPositive();

    int looks = 1;
    while (!ripening.isOver()) {
      looks++;
    }
    assertThat(looks).isLessThanOrEqualTo(Ripening.MOST_LOOKS + 1);
  }
}
