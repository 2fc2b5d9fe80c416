package handover.migration;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A whole move of a machine's memory between two engines in this process over loopback TCP. Both
 * share the host's cores, so that two hosts do better.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class RamStreamBenchmark {
  /** Size of the guest in MiB. */
  @Param("256")
  public int megabytes;

  /** One page in so many holds something; the others were never touched. */
  @Param({"1", "1024"})
  public int stride;

  private FakeMachine source;
  private FakeMachine destination;
  private MigrationEngine out;
  private MigrationEngine in;
  private String uri = "";

  /** Two fresh machines that know of each other. */
  @Setup(Level.Invocation)
  public void open() {
    source = new FakeMachine(megabytes, 1);
    destination = new FakeMachine(megabytes, 1);
    out = new MigrationEngine(source, "source");
    in = new MigrationEngine(destination, "destination");
    source.fill(stride);
    uri = "tcp:127.0.0.1:" + ((InetSocketAddress) in.listen("tcp:127.0.0.1:0")).getPort();
    source.run();
  }

  /** Forgets them. */
  @TearDown(Level.Invocation)
  public void close() {
    out.close();
    in.close();
    source.close();
    destination.close();
  }

  /** The move. */
  @Benchmark
  public MigrationStatus move() {
    out.migrate(uri);
    MigrationInfo info = Await.ended(out);
    if (info.status() != MigrationStatus.COMPLETED) {
      throw new IllegalStateException(info.toString());
    }
    return info.status();
  }
}
