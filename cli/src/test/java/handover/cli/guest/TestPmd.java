package handover.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** DPDK's testpmd (Debian: dpdk-dev) as a vhost-user back end that answers ARP and ping. */
record TestPmd(Process process, Path socket, Path output) implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/dpdk-testpmd");
  private static final Duration START = Duration.ofSeconds(60);

  static boolean installed() {
    return Files.isExecutable(PROGRAM);
  }

  /** Starts one and waits until it listens at {@code folder/name}. */
  static TestPmd start(Path folder, String name) throws IOException, InterruptedException {
    Path socket = folder.resolve(name);
    Path output = folder.resolve(name + ".log");
    Files.deleteIfExists(socket);
    List<String> command =
        List.of(
            PROGRAM.toString(),
            "--no-huge",
            "-m",
            "256",
            "--no-pci",
            "--file-prefix=handover" + ProcessHandle.current().pid() + name,
            "-l",
            "0,1",
            "--vdev",
            "net_vhost0,iface=%s,queues=1".formatted(socket),
            "--",
            "--forward-mode=icmpecho",
            "--auto-start",
            "--no-mlockall",
            "--stats-period=600",
            "--total-num-mbufs=8192");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    TestPmd started = new TestPmd(process, socket, output);
    long deadline = System.nanoTime() + START.toNanos();
    while (!started.log().contains("Port statistics")) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IOException("testpmd did not come up; it said: " + started.log());
      }
    }
    return started;
  }

  /** What it said. */
  String log() throws IOException {
    return Files.readString(output, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
