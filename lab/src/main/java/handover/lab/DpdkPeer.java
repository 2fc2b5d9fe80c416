package handover.lab;

import handover.devices.net.Netdev;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * DPDK's testpmd (Debian: dpdk-dev) as the vhost-user back end of one machine: it works the first
 * pair's rings, and passes frames to and from a wire. It is set up for all pairs.
 *
 * <p>On the wire's side it has a capture port, which reads and writes FIFOs: that needs neither
 * privileges nor network interfaces.
 */
final class DpdkPeer implements AutoCloseable {
  /** What DPDK's vhost library can serve one guest with. */
  static final int MOST_PAIRS = 128;

  private static final Path PROGRAM = Path.of("/usr/bin/dpdk-testpmd");
  private static final Duration START = Duration.ofSeconds(60);

  private final Process process;
  private final PcapWire pipes;
  private final Netdev wire;

  private DpdkPeer(Process process, PcapWire pipes, Netdev wire) {
    this.process = process;
    this.pipes = pipes;
    this.wire = wire;
  }

  static boolean installed() {
    return Files.isExecutable(PROGRAM);
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param socket where it listens; names its files too
   * @param pairs queue pairs of the guest's device, 1 to {@link #MOST_PAIRS}
   * @param wire what its other port is joined to; closed with it
   */
  static DpdkPeer start(Path socket, int pairs, Netdev wire)
      throws IOException, InterruptedException {
    Path in = fifo(socket + ".in");
    Path out = fifo(socket + ".out");
    Path log = Path.of(socket + ".log");
    PcapWire pipes = new PcapWire(in, out, wire);
    Process process =
        new ProcessBuilder(command(socket, pairs, in, out))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    DpdkPeer peer = new DpdkPeer(process, pipes, wire);
    long deadline = System.nanoTime() + START.toNanos();
    while (!said(log).contains("Port statistics")) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        peer.close();
        throw new IOException("testpmd did not come up; it said: " + said(log).strip());
      }
    }
    peer.yieldToGuests();
    return peer;
  }

  private static Path fifo(String path) throws IOException, InterruptedException {
    Process made = new ProcessBuilder("mkfifo", path).redirectErrorStream(true).start();
    if (made.waitFor() != 0) {
      throw new IOException(
          new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
    return Path.of(path);
  }

  /** A capture port blocks until a frame arrives, so it has a core to itself and no batches. */
  private static List<String> command(Path socket, int pairs, Path in, Path out) {
    return List.of(
        PROGRAM.toString(),
        "--no-huge",
        "-m",
        "256",
        "--no-pci",
        "--file-prefix=handover" + ProcessHandle.current().pid() + socket.getFileName(),
        "--lcores",
        "(0-2)@(0-%d)".formatted(Runtime.getRuntime().availableProcessors() - 1),
        "--vdev",
        "net_vhost0,iface=%s,queues=%d".formatted(socket, pairs),
        "--vdev",
        "net_pcap0,rx_pcap=%s,tx_pcap=%s".formatted(in, out),
        "--",
        "--forward-mode=io",
        "--nb-cores=2",
        "--burst=1",
        "--no-flush-rx",
        "--disable-link-check",
        "--auto-start",
        "--no-mlockall",
        "--stats-period=600",
        "--total-num-mbufs=8192");
  }

  private static String said(Path log) throws IOException {
    return Files.readString(log, StandardCharsets.ISO_8859_1);
  }

  /**
   * Its forwarding threads never rest, and take turns with the guests on a small machine: they get
   * what those leave. The thread that answers front ends is as any other.
   */
  private void yieldToGuests() throws IOException, InterruptedException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/%d/task".formatted(process.pid())))) {
      for (Path thread : threads.toList()) {
        if (Files.readString(thread.resolve("comm")).startsWith("lcore-worker")) {
          new ProcessBuilder("renice", "-n", "10", "-p", thread.getFileName().toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
        }
      }
    }
  }

  /** Ends the program, and nothing else. */
  void end() {
    process.destroyForcibly();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    pipes.close();
    wire.close();
  }
}
