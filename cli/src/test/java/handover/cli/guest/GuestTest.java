package handover.cli.guest;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Tests that share one guest; each leaves it running somewhere, or the next boots another. */
@Tag("guest")
@Timeout(240)
@TestInstance(Lifecycle.PER_CLASS)
abstract class GuestTest {
  /** Set before the first test. */
  MovingGuest guest;

  @BeforeEach
  void provideGuest() throws IOException, InterruptedException {
    if (guest != null && !guest.alive()) {
      guest.close();
      guest = null;
    }
    if (guest == null) {
      guest = MovingGuest.boot(hardware(), "dirty=10 dirty-region=16 beat=50");
    }
  }

  /** What the guest runs on. */
  Hardware hardware() {
    return Hardware.usual();
  }

  @AfterAll
  void closeGuest() throws IOException {
    if (guest != null) {
      guest.close();
    }
  }
}
