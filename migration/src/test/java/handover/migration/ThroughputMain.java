package handover.migration;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Prints how fast RAM moves between two engines in this process: {@code ThroughputMain [MiB]
 * [moves]}. Both sides share the machine's cores, so this is a lower bound.
 */
final class ThroughputMain {
  private ThroughputMain() {}

  public static void main(String[] args) throws Exception {
    int megabytes = args.length > 0 ? Integer.parseInt(args[0]) : 1024;
    int moves = args.length > 1 ? Integer.parseInt(args[1]) : 6;
    Path folder = Files.createTempDirectory("handover-throughput");
    for (int i = 0; i < moves; i++) {
      move("tcp:127.0.0.1:0", megabytes, 1);
      move("unix:" + folder.resolve("s" + i), megabytes, 1);
      move("tcp:127.0.0.1:0", megabytes, Integer.MAX_VALUE);
    }
  }

  private static void move(String uri, int megabytes, int stride) {
    try (FakeMachine a = new FakeMachine(megabytes, 1);
        FakeMachine b = new FakeMachine(megabytes, 1)) {
      MigrationEngine out = new MigrationEngine(a, "a");
      MigrationEngine in = new MigrationEngine(b, "b");
      a.fill(stride);
      String to =
          in.listen(uri) instanceof InetSocketAddress at ? "tcp:127.0.0.1:" + at.getPort() : uri;
      a.run();
      out.migrate(to);
      MigrationInfo info = Await.ended(out);
      System.out.printf(
          "%-4s %s %4d MiB %6.1f ms, %5.2f GB/s of guest memory, %5.2f GB/s on the wire, downtime"
              + " %d us, %d rounds %s%n",
          to.substring(0, 4),
          stride == 1 ? "full" : "zero",
          megabytes,
          info.totalTime() / 1e3,
          info.ram().total() / 1e3 / info.totalTime(),
          info.ram().transferred() / 1e3 / info.totalTime(),
          info.downtime().orElse(-1),
          info.ram().rounds(),
          info.error().orElse(""));
      Await.ended(in);
      out.close();
      in.close();
    }
  }
}
