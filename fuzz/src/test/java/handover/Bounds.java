package handover;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;

/** What a reader of foreign bytes may take: time, and memory in proportion to what it was given. */
public final class Bounds {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Bounds() {}

  /** Something under test. */
  @FunctionalInterface
  public interface Reader {
    /** Reads, the same whenever it is called; catches what the target may throw. */
    void read() throws Exception;
  }

  /**
   * Runs a reader on this thread. A reader that takes too much is run once more before it is
   * blamed: what the first run took may have been classes being loaded and instrumented.
   *
   * @param bytes it may allocate in all, far more than the input's share but less than what a
   *     length field can claim
   */
  public static void hold(long bytes, Reader reader) throws Exception {
    long began = System.nanoTime();
    if (allocated(reader) > bytes) {
      assertThat(allocated(reader)).as("bytes allocated").isLessThan(bytes);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE);
  }

  private static long allocated(Reader reader) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    reader.read();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** Like {@link #hold} for readers with threads of their own, which may wait for each other. */
  public static void withinTime(Reader reader) {
    Assertions.assertTimeoutPreemptively(PATIENCE, reader::read);
  }
}
