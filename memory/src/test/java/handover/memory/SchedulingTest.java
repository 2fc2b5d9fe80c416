package handover.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** Linux is asked whether it has done what it was told. */
class SchedulingTest {
  @Test
  void aThreadIsKeptToAProcessorAndReleased() {
    BitSet all = Scheduling.processors();
    assumeTrue(!all.isEmpty(), "a host that tells");
    assertThat(all.cardinality())
        .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    BitSet last = new BitSet();
    last.set(all.length() - 1);
    try {
      Scheduling.keep(0, last);
      assertThat(Scheduling.processors()).isEqualTo(last);
    } finally {
      Scheduling.keep(0, all);
    }
    assertThat(Scheduling.processors()).isEqualTo(all);
  }

  @Test
  void theTurnsOfAThreadAreShorter() throws IOException {
    Path told = Path.of("/proc/thread-self/sched");
    assumeTrue(Files.exists(told) && Files.readString(told).contains("se.slice"), "Linux 6.12");
    Scheduling.shortTurns();
    assertThat(Files.readString(told)).containsPattern("se\\.slice\\s*:\\s*300000\\b");
  }
}
