package handover.monitor.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.monitor.client.MigrationOutcome.Verdict;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client and the driver against the real thing, where it is installed. */
@Timeout(60)
final class QemuClientTest {
  private static final String QEMU = "qemu-system-riscv64";

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void needsQemu() {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(p -> Files.isExecutable(Path.of(p, QEMU))),
        "qemu-system-riscv64 is not installed");
  }

  @AfterEach
  void endQemu() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void speaksWithQemu() throws Exception {
    try (QmpClient client = start("one", "-M", "none")) {
      assertThat(client.greeting().object("version")).isPresent();
      assertThat(client.query("query-status").text("status")).isPresent();
      assertThat(catchThrowable(() -> client.execute("no-such-command")))
          .isInstanceOfSatisfying(
              QmpErrorException.class,
              e -> assertThat(e.errorClass()).isEqualTo("CommandNotFound"));
      client.execute("stop");
      client.execute("cont");
      assertThat(client.awaitEvent(e -> e.name().equals("RESUME"), Duration.ofSeconds(5)))
          .isPresent();
      client.execute("quit");
      assertThat(client.awaitEvent(e -> e.name().equals("SHUTDOWN"), Duration.ofSeconds(5)))
          .isPresent();
    }
  }

  @Test
  void movesAGuestBetweenTwoQemus() throws Exception {
    try (QmpClient source = start("source", "-M", "virt", "-m", "64", "-bios", "none");
        QmpClient destination =
            start("to", "-M", "virt", "-m", "64", "-bios", "none", "-incoming", "defer")) {
      MigrationPlan plan =
          MigrationPlan.to("unix:" + folder.resolve("stream"))
              .withParameters(Map.of("downtime-limit", "100"));
      MigrationOutcome outcome = new MigrationDriver(source, destination, plan).run(p -> {});
      assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    }
  }

  @Test
  void seesADifferenceBetweenTwoQemus() throws Exception {
    try (QmpClient source = start("source", "-M", "virt", "-m", "64", "-bios", "none");
        QmpClient destination =
            start("to", "-M", "virt", "-m", "128", "-smp", "2", "-incoming", "defer")) {
      MigrationOutcome outcome =
          new MigrationDriver(source, destination, MigrationPlan.to("tcp:127.0.0.1:0"))
              .run(p -> {});
      assertThat(outcome.verdict()).isEqualTo(Verdict.REFUSED);
      assertThat(outcome.reasons())
          .containsExactly(
              "guest memory in bytes (-m): the source has 67108864, the destination 134217728",
              "number of harts (-smp): the source has 1, the destination 2");
      assertThat(source.query("query-status").text("status")).contains("running");
    }
  }

  private QmpClient start(String name, String... arguments) throws Exception {
    Path socket = folder.resolve(name + ".qmp");
    List<String> command =
        new ArrayList<>(
            List.of(
                QEMU,
                "-nodefaults",
                "-display",
                "none",
                "-qmp",
                "unix:" + socket + ",server=on,wait=off"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    processes.add(process);
    return connectWhenReady(process, socket, folder.resolve(name + ".log"));
  }

  /** QEMU offers no sign of readiness but the socket itself. */
  private static QmpClient connectWhenReady(Process process, Path socket, Path log)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        return QmpClient.connect("unix:" + socket);
      } catch (IOException e) {
        if (System.nanoTime() > deadline || process.waitFor(50, TimeUnit.MILLISECONDS)) {
          throw new IOException("QEMU did not come up: " + Files.readString(log), e);
        }
      }
    }
  }
}
