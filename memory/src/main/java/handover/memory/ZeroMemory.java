package handover.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds pages that hold only zeros, as fast as memory can be read. */
public final class ZeroMemory {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final boolean NATIVE = Libc.supported();

  private ZeroMemory() {}

  /**
   * Those of up to 64 pages that begin with a zero, as nearly all others show at once that they
   * hold something. No branch depends on what is read, so that the processor waits for many of the
   * pages at a time.
   *
   * @param start offset of the page of bit 0
   * @param pages the pages in question
   */
  public static long candidates(MemorySegment memory, long start, long pages) {
    long zeros = 0;
    for (long left = pages; left != 0; left &= left - 1) {
      int page = Long.numberOfTrailingZeros(left);
      long word = memory.get(LONG, start + ((long) page << DirtyLog.PAGE_SHIFT));
      zeros |= ((word | -word) >>> 63 ^ 1) << page;
    }
    return zeros;
  }

  /**
   * How many pages in a row, from the one at {@code offset} on, hold only zeros.
   *
   * <p>Memory is compared with itself, all of it at once: a call for each page would cost more than
   * the look. Where somebody writes meanwhile, each page has to be one of the {@link #candidates}:
   * then the answer is right for those that are not written to.
   */
  public static int pages(MemorySegment memory, long offset, int count) {
    if (count == 0 || memory.get(LONG, offset) != 0) {
      return 0;
    }
    long bytes = ((long) count << DirtyLog.PAGE_SHIFT) - Long.BYTES;
    MemorySegment ahead = memory.asSlice(offset + Long.BYTES, bytes);
    MemorySegment behind = memory.asSlice(offset, bytes);
    // The JVM's own comparison says where they differ, and takes twice as long.
    if (NATIVE && Libc.same(ahead, behind, bytes)) {
      return count;
    }
    long same = ahead.mismatch(behind);
    return same < 0 ? count : (int) (same + Long.BYTES >>> DirtyLog.PAGE_SHIFT);
  }
}
