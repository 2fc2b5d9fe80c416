package handover.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ProbeTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Test
  void aGuestThatFallsSilentIsSeenToBeSilent() throws InterruptedException {
    AtomicBoolean silent = new AtomicBoolean();
    EchoGuest guest = new EchoGuest(n -> silent.get() ? 0 : 1);
    ProbeSettings settings = ProbeSettings.defaults();
    try (Probe probe = new Probe(guest, settings)) {
      assertThat(probe.awaitGuest(LIMIT)).as("an answer within ten seconds").isTrue();
      ProbeWindow move = probe.mark("move");
      silent.set(true);
      long sent = probe.report().sent();
      while (probe.report().sent() < sent + 20) {
        Thread.onSpinWait();
      }
      silent.set(false);
      long received = probe.report().received();
      assertThat(probe.awaitReceived(received + 5, LIMIT)).as("answers again").isTrue();
      move.close();
      ProbeReport report = move.report();
      assertThat(report.sent() - report.received()).isGreaterThanOrEqualTo(19);
      assertThat(report.longestGap()).isGreaterThan(Duration.ofMillis(5).toNanos());
      assertThat(probe.guestMac()).contains(EchoGuest.MAC);
    }
  }
}
