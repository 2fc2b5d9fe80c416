package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CompilerThreadsTest {
  @Test
  void theWaitEndsWhenItsTimeIsOver() {
    assumeThat(Files.isDirectory(Path.of("/proc/self/task"))).isTrue();
    boolean quiet =
        CompilerThreads.awaitQuiet(
            TimeUnit.HOURS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(20), () -> false);
    assertThat(quiet).as("nobody can have been quiet for an hour").isFalse();
  }

  @Test
  void theWaitEndsWhenSomebodyHasEnough() {
    assumeThat(Files.isDirectory(Path.of("/proc/self/task"))).isTrue();
    assertThat(
            CompilerThreads.awaitQuiet(
                TimeUnit.HOURS.toNanos(1), TimeUnit.HOURS.toNanos(1), () -> true))
        .isFalse();
  }

  @Test
  void quietComesSoonerOrLater() {
    assertThat(CompilerThreads.awaitQuiet(1, TimeUnit.MINUTES.toNanos(1), () -> false)).isTrue();
  }
}
