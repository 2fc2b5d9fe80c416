package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.lab.Demo;
import handover.lab.DemoGuest;
import handover.lab.DemoReport;
import handover.lab.Move;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The demo's guest moves there and back between processes, under traffic, and hears every frame.
 */
@Tag("guest")
class PulseMoveTest {
  @Test
  void everyFrameIsAnsweredOnceAcrossTheMoves() throws Exception {
    List<String> said = new ArrayList<>();
    try (Demo demo = new Demo(DemoGuest.PULSE, "auto", said::add, progress -> {})) {
      DemoReport report = demo.run();
      assertThat(report.good()).as("%s %s", said, report.words()).isTrue();
      assertThat(report.moves()).hasSize(2);
      for (Move move : report.moves()) {
        assertThat(move.probe().lost()).as("lost %s", move).isZero();
        assertThat(move.probe().duplicated()).as("twice %s", move).isZero();
        assertThat(move.detail().array("spans")).as("phases %s", move).hasSizeGreaterThan(10);
      }
    }
  }
}
