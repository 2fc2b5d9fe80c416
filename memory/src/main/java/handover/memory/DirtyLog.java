package handover.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One bit per 4 KiB page of a RAM block: written since the last {@link #collect}.
 *
 * <p>Writers (harts in their store-TLB fill, devices after each DMA) call {@link #mark}; they must
 * mark <em>after</em> the bytes are in memory, or hold off the collector until they are, so that a
 * page read by the sender before the write is sent again. Marking is lock-free.
 *
 * <p>Marks are made whether or not somebody collects: a branch never taken until then is one that
 * HotSpot leaves out, and the first round of a migration would throw away the compiled code of
 * every hart and device at once.
 *
 * <p>A mark costs nothing where the page is marked already, but for one fence: without it the
 * processor may look at the log before the bytes are in memory, find the mark of an earlier write,
 * and have it collected and the page read before the bytes arrive. The write would be lost.
 */
public final class DirtyLog {
  /** log2 of the page size the log and the migration stream use. */
  public static final int PAGE_SHIFT = 12;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words;
  private final long pages;
  private volatile boolean active;

  DirtyLog(long bytes) {
    this.pages = (bytes + (1L << PAGE_SHIFT) - 1) >>> PAGE_SHIFT;
    this.words = new long[(int) ((pages + 63) >>> 6)];
  }

  /** Number of pages covered. */
  public long pages() {
    return pages;
  }

  /** Whether a migration collects what is marked. */
  public boolean active() {
    return active;
  }

  /** Begins collecting with every page dirty, as the first precopy round needs. */
  public void start() {
    java.util.Arrays.fill(words, -1L);
    if ((pages & 63) != 0) {
      words[words.length - 1] = (1L << (pages & 63)) - 1;
    }
    active = true;
  }

  /** Ends collecting and forgets what was marked. */
  public void stop() {
    active = false;
    java.util.Arrays.fill(words, 0);
  }

  /** Marks the page holding {@code offset}. */
  public void mark(long offset) {
    VarHandle.fullFence();
    setBit(offset >>> PAGE_SHIFT);
  }

  /** Marks every page that {@code [offset, offset + length)} touches. */
  public void mark(long offset, long length) {
    VarHandle.fullFence();
    if (length > 0) {
      long last = (offset + length - 1) >>> PAGE_SHIFT;
      for (long page = offset >>> PAGE_SHIFT; page <= last; page++) {
        setBit(page);
      }
    }
  }

  /** Whether the page holding {@code offset} is marked. */
  public boolean dirty(long offset) {
    long page = offset >>> PAGE_SHIFT;
    return ((long) WORD.getVolatile(words, (int) (page >>> 6)) >>> (page & 63) & 1) != 0;
  }

  /**
   * Moves every set bit into {@code into} (OR) and clears it here.
   *
   * @param into a bitmap of at least {@code (pages + 63) / 64} words
   * @return how many bits were newly set in {@code into}
   */
  public long collect(long[] into) {
    long fresh = 0;
    for (int i = 0; i < words.length; i++) {
      long seen = words[i] == 0 ? 0 : (long) WORD.getAndSet(words, i, 0L);
      fresh += Long.bitCount(seen & ~into[i]);
      into[i] |= seen;
    }
    return fresh;
  }

  /** A bitmap of the right length for {@link #collect}. */
  public long[] newBitmap() {
    return new long[words.length];
  }

  private void setBit(long page) {
    int word = (int) (page >>> 6);
    long bit = 1L << (page & 63);
    if (((long) WORD.getOpaque(words, word) & bit) == 0) {
      WORD.getAndBitwiseOr(words, word, bit);
    }
  }
}
