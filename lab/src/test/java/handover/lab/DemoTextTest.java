package handover.lab;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.json.Json;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DemoTextTest {
  private static final long SECOND = 1_000_000;

  /** A move of two seconds in which 1,000 probes were sent. */
  private static List<String> verdict(long blackout, long lost) {
    Move.Wire probe = new Move.Wire(1000, 1000 - lost, lost, 0);
    Move move =
        new Move("there", 2 * SECOND, 0, 5000, blackout, 2, 0, 0, probe, List.of(), Json.Obj.EMPTY);
    return DemoText.of(
        new DemoReport("linux", true, List.of(move), true, true, Optional.empty(), List.of()));
  }

  @Test
  void theVerdictIsSilentAboutLossesWhenThereAreNone() {
    assertThat(verdict(SECOND, 0)).noneMatch(line -> line.contains("LOST"));
  }

  @Test
  void whatWasLostInTheSilenceIsSaidToBe() {
    assertThat(verdict(SECOND, 480))
        .contains(
            "  move there: 480 of 1000 probes LOST (48 %), no more than the longest silence, of"
                + " 1000.0 ms, explains");
  }

  @Test
  void whatWasLostWhileTheGuestRanIsToldApart() {
    assertThat(verdict(SECOND / 100, 800))
        .contains(
            "  move there: 800 of 1000 probes LOST (80 %), more than the longest silence, of 10.0"
                + " ms, explains: guest or host did not keep up while the guest ran");
  }
}
