package handover.migration;

import handover.memory.HostMapping;
import handover.memory.ZeroMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Whether a 4 KiB page is zero: 16 MiB of pages, one after another. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ZeroPageBenchmark {
  private static final int BYTES = 16 << 20;

  /** Where in the page the first byte that is not zero lies; -1: nowhere. */
  @Param({"-1", "0", "4095"})
  public int firstByte;

  private final MemorySegment memory = HostMapping.allocate("zero-bench", BYTES).segment();
  private int offset;

  /** Fills the pages. */
  @Setup
  public void fill() {
    memory.fill((byte) 0);
    for (int page = 0; firstByte >= 0 && page < BYTES; page += RamFormat.PAGE) {
      memory.set(ValueLayout.JAVA_BYTE, page + firstByte, (byte) 1);
    }
  }

  /** One page. */
  @Benchmark
  public boolean page() {
    offset = offset + RamFormat.PAGE & BYTES - 1;
    return ZeroMemory.pages(memory, offset, 1) == 1;
  }
}
