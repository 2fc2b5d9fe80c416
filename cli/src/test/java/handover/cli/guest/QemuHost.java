package handover.cli.guest;

import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import handover.monitor.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The host's own QEMU, waiting for a guest like the one of {@link Hardware#usual}. */
final class QemuHost implements AutoCloseable {
  private static final String PROGRAM = "qemu-system-riscv64";
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private final Path folder;
  private final String name;
  private final Process process;
  private final Path log;
  private final QmpClient qmp;

  private QemuHost(Path folder, String name, Process process, Path log, QmpClient qmp) {
    this.folder = folder;
    this.name = name;
    this.process = process;
    this.log = log;
    this.qmp = qmp;
  }

  static boolean installed() throws InterruptedException {
    try {
      return new ProcessBuilder(PROGRAM, "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Starts one that waits to be told where to listen. */
  static QemuHost start(Path folder, String name) throws IOException, InterruptedException {
    Path log = folder.resolve(name + ".log");
    Path socket = folder.resolve(name + ".qmp");
    Process process =
        new ProcessBuilder(
                List.of(
                    PROGRAM,
                    "-M",
                    "virt",
                    "-m",
                    "64",
                    "-bios",
                    "none",
                    "-nodefaults",
                    "-display",
                    "none",
                    "-global",
                    "virtio-mmio.force-legacy=false",
                    "-device",
                    "virtio-net-device",
                    "-qmp",
                    "unix:" + socket + ",server=on,wait=off",
                    "-incoming",
                    "defer"))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new QemuHost(folder, name, process, log, connect(process, socket, log));
  }

  private static QmpClient connect(Process process, Path socket, Path log)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Host.LIMIT.toNanos();
    while (true) {
      try {
        return QmpClient.connect("unix:" + socket);
      } catch (IOException e) {
        if (process.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
          process.destroyForcibly();
          throw new IOException("QEMU did not come up: " + Files.readString(log), e);
        }
      }
    }
  }

  /** Begins to wait for a guest; returns where. */
  String listen(boolean tcp) throws IOException {
    if (!tcp) {
      return incoming("unix:" + folder.resolve(name + ".in"));
    }
    String unused = incoming("tcp:127.0.0.1:0");
    Json.Obj address = (Json.Obj) ask("query-migrate").array("socket-address").getFirst();
    return "tcp:127.0.0.1:" + address.text("port").orElseThrow();
  }

  /** Loads a file. QEMU 7.2 knows no {@code file:} yet, but a program's output. */
  void load(Path file) throws IOException {
    String unused = incoming("exec:cat " + file);
  }

  private String incoming(String uri) throws IOException {
    try {
      qmp.execute("migrate-incoming", Json.object().with("uri", uri).build(), Host.LIMIT);
    } catch (QmpErrorException e) {
      throw new IOException("QEMU does not listen at " + uri, e);
    }
    return uri;
  }

  private Json.Obj ask(String command) throws IOException {
    try {
      return qmp.query(command);
    } catch (QmpErrorException e) {
      throw new IOException(command, e);
    }
  }

  /** Whether the guest arrived; a QEMU that does not take it ends. */
  boolean awaitVerdict() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Host.LIMIT.toNanos();
    while (!process.waitFor(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
      if (arrived()) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("QEMU neither took the guest nor ended; it says: " + log());
      }
    }
    return false;
  }

  private boolean arrived() {
    try {
      return ask("query-migrate").text("status").filter("completed"::equals).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** What it wrote to standard output and error. */
  String log() throws IOException {
    return Files.readString(log).strip();
  }

  @Override
  public void close() {
    qmp.close();
    process.destroyForcibly();
  }
}
