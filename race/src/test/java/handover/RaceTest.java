package handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jcstress finds in about half a minute. */
@Tag("race")
class RaceTest {
  private static final int MINUTES = 5;

  @TempDir Path folder;

  @Test
  void noForbiddenOutcome() throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process run =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.openjdk.jcstress.Main",
                    "-f",
                    "1",
                    "-fsm",
                    "1",
                    "-iters",
                    "2",
                    "-time",
                    "300",
                    "-sc",
                    "false",
                    "-af",
                    "NONE",
                    "-jvmArgs",
                    "-Xmx256m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED",
                    "-r",
                    folder.resolve("report").toString()))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = run.waitFor(MINUTES, TimeUnit.MINUTES);
    run.destroy();
    assertThat(ended).as("jcstress ends within %d minutes", MINUTES).isTrue();
    assertThat(run.exitValue()).as(Files.readString(output)).isZero();
    assertThat(Files.readString(output)).contains("Failed tests: No matches.");
  }
}
