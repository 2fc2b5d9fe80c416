package handover.memory;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What recording and collecting dirty pages costs, for 4 GiB of guest memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DirtyLogBenchmark {
  private static final long BYTES = 4L << 30;

  /** One page in so many is dirty. */
  @Param({"1", "64", "4096"})
  public int stride;

  private final DirtyLog log = new DirtyLog(BYTES);
  private final long[] bitmap = log.newBitmap();
  private long offset;

  /** Starts recording with an empty log. */
  public DirtyLogBenchmark() {
    log.start();
    log.collect(bitmap);
  }

  /** Marks one page in {@code stride}, then collects. The marks are most of it at stride 1. */
  @Benchmark
  public long markAndCollect() {
    java.util.Arrays.fill(bitmap, 0);
    for (long at = 0; at < BYTES; at += (long) stride << DirtyLog.PAGE_SHIFT) {
      log.mark(at);
    }
    return log.collect(bitmap);
  }

  /** Marks a page, which mostly is marked already: what a device pays for each DMA. */
  @Benchmark
  @OutputTimeUnit(TimeUnit.NANOSECONDS)
  public void mark() {
    offset = offset + 64 & BYTES - 1;
    log.mark(offset);
  }
}
