package handover.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

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
 *
 * <p>No mark is ever forgotten: what was collected is remembered, so that it is known at any time
 * which pages have been {@link #written} at all.
 */
public final class DirtyLog {
  /** log2 of the page size the log and the migration stream use. */
  public static final int PAGE_SHIFT = 12;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words;
  private final long[] collected;
  private final long pages;
  private volatile boolean active;
  private volatile boolean all;

  DirtyLog(long bytes) {
    this.pages = (bytes + (1L << PAGE_SHIFT) - 1) >>> PAGE_SHIFT;
    this.words = newBitmap(pages);
    this.collected = newBitmap(pages);
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
    all = true;
    active = true;
  }

  /** Ends collecting; marks stay. */
  public void stop() {
    active = false;
    all = false;
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
      long end = ((offset + length - 1) >>> PAGE_SHIFT) + 1;
      for (long page = offset >>> PAGE_SHIFT; page < end; page = nextWord(page)) {
        setBits((int) (page >>> 6), bits(page, end));
      }
    }
  }

  /** The bits of the pages from {@code page} to before {@code end} that share a word with it. */
  static long bits(long page, long end) {
    long count = Math.min(end, nextWord(page)) - page;
    return -1L >>> Long.SIZE - count << page;
  }

  /** The first page whose bit is in the word behind that of {@code page}'s. */
  static long nextWord(long page) {
    return (page | Long.SIZE - 1) + 1;
  }

  /** Whether the page holding {@code offset} is marked. */
  public boolean dirty(long offset) {
    long page = offset >>> PAGE_SHIFT;
    return all || ((long) WORD.getVolatile(words, (int) (page >>> 6)) >>> (page & 63) & 1) != 0;
  }

  /**
   * Moves every set bit into {@code into} (OR) and clears it here.
   *
   * @param into a bitmap of at least {@code (pages + 63) / 64} words
   * @return how many bits were newly set in {@code into}
   */
  public long collect(long[] into) {
    long fresh = 0;
    boolean every = all;
    for (int i = 0; i < words.length; i++) {
      long marked = words[i] == 0 ? 0 : (long) WORD.getAndSet(words, i, 0L);
      collected[i] |= marked;
      long seen = every ? bits((long) i << 6, pages) : marked;
      fresh += Long.bitCount(seen & ~into[i]);
      into[i] |= seen;
    }
    all = false;
    return fresh;
  }

  /**
   * Which pages were marked at any time since the memory was mapped: a bitmap like that of {@link
   * #collect}. A page written while this is asked is in it, or marked afterwards.
   */
  public long[] written() {
    long[] written = Arrays.copyOf(collected, collected.length);
    for (int i = 0; i < written.length; i++) {
      written[i] |= (long) WORD.getVolatile(words, i);
    }
    return written;
  }

  /** A bitmap of the right length for {@link #collect}. */
  public long[] newBitmap() {
    return newBitmap(pages);
  }

  /** Room for one bit a page. */
  static long[] newBitmap(long pages) {
    return new long[(int) ((pages + 63) >>> 6)];
  }

  private void setBit(long page) {
    setBits((int) (page >>> 6), 1L << (page & 63));
  }

  private void setBits(int word, long bits) {
    if (((long) WORD.getOpaque(words, word) & bits) != bits) {
      WORD.getAndBitwiseOr(words, word, bits);
    }
  }
}
