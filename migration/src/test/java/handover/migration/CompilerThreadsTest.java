package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import handover.memory.Scheduling;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  @Test
  void theyStepAsideAndBack() throws IOException {
    BitSet all = Scheduling.processors();
    assumeThat(all.cardinality()).as("processors to choose from").isGreaterThan(1);
    Set<String> before = allowed();
    assertThat(before).as("one set for all of them").hasSize(1);
    CompilerThreads.stepAside();
    try {
      assertThat(allowed()).containsExactly(Integer.toString(all.length() - 1));
    } finally {
      CompilerThreads.stepBack();
    }
    assertThat(allowed()).isEqualTo(before);
  }

  /** Where they may run: lists of processors as Linux writes them. */
  private static Set<String> allowed() throws IOException {
    Set<String> lists = new HashSet<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        List<String> status = lines(thread.resolve("status"));
        if (!status.isEmpty() && status.getFirst().matches("Name:\\s*C[12] Compiler.*")) {
          status.stream()
              .filter(line -> line.startsWith("Cpus_allowed_list:"))
              .forEach(line -> lists.add(line.substring(line.indexOf(':') + 1).strip()));
        }
      }
    }
    return lists;
  }

  private static List<String> lines(Path status) {
    try {
      return Files.readAllLines(status);
    } catch (IOException e) {
      return List.of(); // It has ended.
    }
  }
}
