package handover.diagnosis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import handover.monitor.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real QEMU of the host, stopped before its first instruction, with a QMP socket. */
public final class QemuProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final Path socket;
  private final Path log;

  private QemuProcess(Process process, Path socket, Path log) {
    this.process = process;
    this.socket = socket;
    this.log = log;
  }

  /** Starts {@code command}, a QEMU and its options; does not wait for it. */
  public static QemuProcess start(Path folder, String... command) throws IOException {
    Path home = Files.createTempDirectory(folder, "qemu");
    Path socket = home.resolve("qmp");
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of("-S", "-nodefaults", "-display", "none"));
    all.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
    Path log = home.resolve("log");
    Process process =
        new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    return new QemuProcess(process, socket, log);
  }

  /** Where its monitor is. */
  public String address() {
    return "unix:" + socket;
  }

  /** What it said. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Connects once it answers: the socket is the only sign of readiness it gives. */
  public QmpClient connect() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return QmpClient.connect(address());
      } catch (IOException e) {
        if (System.nanoTime() > deadline || process.waitFor(10, TimeUnit.MILLISECONDS)) {
          throw new IOException("QEMU did not come up: " + log(), e);
        }
      }
    }
  }

  /** The same; the test is skipped if this QEMU lacks a device or a CPU that it was to have. */
  public QmpClient connectIfKnown() throws IOException, InterruptedException {
    try {
      return connect();
    } catch (IOException e) {
      String log = log();
      assumeTrue(
          !log.contains("not found") && !log.contains("unable to find CPU model"),
          "this QEMU does not know it: " + log);
      throw e;
    }
  }

  /** Whether it still runs after at most {@code patience}. */
  public boolean ends(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has it write its stream into {@code file}, which appears once it is whole. */
  public void save(Path file) throws IOException, InterruptedException, QmpErrorException {
    String part = file + ".part";
    String command = "exec:cat > %s && mv %s %s".formatted(part, part, file);
    try (QmpClient client = connect()) {
      client.execute("migrate", Json.object().with("uri", command).build());
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!Files.exists(file)) {
        Json.Obj state = client.query("query-migrate");
        if (System.nanoTime() > deadline || state.text("status").equals(Optional.of("failed"))) {
          throw new IOException("saving: " + state + ": " + log());
        }
        var unused = client.awaitEvent(e -> e.name().equals("STOP"), Duration.ofMillis(10));
      }
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
