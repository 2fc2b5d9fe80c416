package handover.riscv;

import java.lang.foreign.MemorySegment;

/**
 * A direct-mapped translation cache for loads and stores in one context (address space, privilege,
 * SUM). Four words an entry: read tag, write tag, addend, virtual page. A Java array, though it is
 * host memory that the addends lead to: reading a word of an array is a fraction of the work for
 * HotSpot that reading one through a memory segment is, and it inlines only so much in a method.
 *
 * <p>All contexts of a hart share one array ({@link #words}), each has a piece of it ({@link
 * #from}): to code that is translated for this hart only, the array is a constant.
 *
 * <p>{@code virtual + addend} is the host address, and a tag is the host page it must lie in. So
 * the comparison that finds out whether the entry is for this virtual page is at the same time the
 * check that the access stays in the page: whatever the addend is, nothing else is touched. The
 * comparison keeps the low bits that must be zero for an aligned access, so a misaligned access
 * never hits. Tags are written by {@link #fill} only, which takes a RAM block and an offset, not an
 * address.
 */
final class Tlb {
  /** A power of two, and so is the number of words. */
  static final int ENTRIES = 1024;

  /** {@code (int) (virtual >>> INDEX_SHIFT) & INDEX_MASK} is where the entry begins. */
  static final int INDEX_SHIFT = 10;

  static final int INDEX_MASK = ENTRIES - 1 << 2;

  /** How many contexts there can be, and what may be set where the piece of one begins. */
  static final int CONTEXTS = 32;

  static final int CONTEXT_MASK = (CONTEXTS - 1) * 4 * ENTRIES;

  static final int WRITE_TAG = 1;
  static final int ADDEND = 2;

  static final int VIRTUAL_PAGE = 3;

  private static final long PAGE_MASK = -4096;
  private static final long PAGE_BYTES = 4096;

  /** Bit 11 is never kept by a comparison. */
  static final long INVALID = 0x800;

  /** Entries that hit nothing. Copied: storing one by one takes milliseconds when a JVM starts. */
  private static final long[] EMPTY = empty();

  private final long[] entries;
  private final int from;
  private final TlbVictims victims = new TlbVictims();
  private boolean used;
  private long superpagesFrom = -1;
  private long superpagesTo;

  private static long[] empty() {
    long[] words = new long[ENTRIES * 4];
    for (int i = 0; i < words.length; i += 4) {
      words[i] = INVALID;
      words[i + WRITE_TAG] = INVALID;
      words[i + VIRTUAL_PAGE] = INVALID;
    }
    return words;
  }

  /** The entries of {@link #CONTEXTS} contexts, of which none hits. */
  static long[] words() {
    long[] words = new long[CONTEXTS * EMPTY.length];
    for (int i = 0; i < words.length; i += EMPTY.length) {
      System.arraycopy(EMPTY, 0, words, i, EMPTY.length);
    }
    return words;
  }

  /**
   * A translation cache that holds nothing.
   *
   * @param words of the hart's
   * @param context number of its piece, below {@link #CONTEXTS}
   */
  Tlb(long[] words, int context) {
    entries = words;
    from = context * EMPTY.length;
  }

  /** Where its entries begin. */
  int from() {
    return from;
  }

  /** Where the entry for {@code virtual} begins, from {@link #from}. */
  static int index(long virtual) {
    return (int) (virtual >>> INDEX_SHIFT) & INDEX_MASK;
  }

  private int entry(long virtual) {
    return from + index(virtual);
  }

  void flush() {
    if (used) {
      System.arraycopy(EMPTY, 0, entries, from, EMPTY.length);
      victims.flush();
      used = false;
      superpagesFrom = -1;
      superpagesTo = 0;
    }
  }

  /** Forgets the page of {@code virtual}; everything when it may lie in a superpage. */
  void flushPage(long virtual) {
    if (superpagesFrom != -1 && virtual >= superpagesFrom && virtual <= superpagesTo) {
      flush();
    } else {
      int e = entry(virtual);
      entries[e] = INVALID;
      entries[e + WRITE_TAG] = INVALID;
      victims.flushPage(virtual & PAGE_MASK);
    }
  }

  /** Host address of an access, or 0 if it misses: for code that is not the fast path itself. */
  long lookup(long virtual, int bytes, Access access) {
    int e = entry(virtual);
    long host = virtual + entries[e + ADDEND];
    long tag = entries[access == Access.STORE ? e + WRITE_TAG : e];
    return tag == (host & (PAGE_MASK | bytes - 1)) ? host : 0;
  }

  /** The next store to each page goes the slow way. */
  void dropWrites() {
    if (used) {
      for (int e = from; e < from + EMPTY.length; e += 4) {
        entries[e + WRITE_TAG] = INVALID;
      }
      victims.dropWrites();
    }
  }

  /**
   * Host address of an access that missed, at any alignment within a page, if the entry is still at
   * hand and allows it; or 0.
   */
  long recall(long virtual, Access access) {
    long page = virtual & PAGE_MASK;
    int e = entry(virtual);
    if (entries[e + VIRTUAL_PAGE] != page && victims.restore(page, entries, e)) {
      verify(virtual);
    }
    return lookup(virtual, 1, access);
  }

  /**
   * Remembers that the page at {@code virtual} is the one at an offset of guest memory.
   *
   * @throws IndexOutOfBoundsException if the memory has no whole page there
   * @throws IllegalStateException if the memory or the offset is not page-aligned
   */
  void fill(long virtual, MemorySegment ram, long offset, boolean readable, boolean writable) {
    long host = HostMemory.address(ram, offset, PAGE_BYTES);
    if ((host & PAGE_BYTES - 1) != 0) {
      throw new IllegalStateException(
          "guest memory at host address 0x%x is not page-aligned".formatted(host));
    }
    long page = virtual & PAGE_MASK;
    int e = entry(virtual);
    if (entries[e + VIRTUAL_PAGE] != page) {
      victims.keep(entries, e);
    }
    entries[e] = readable ? host : INVALID;
    entries[e + WRITE_TAG] = writable ? host : INVALID;
    entries[e + ADDEND] = host - page;
    entries[e + VIRTUAL_PAGE] = page;
    used = true;
  }

  /**
   * Makes sure, where {@code virtual} missed, that the entry did not miss because it is damaged.
   *
   * @throws IllegalStateException if it is not as {@link #fill} left it
   */
  void verify(long virtual) {
    int e = entry(virtual);
    long page = entries[e + VIRTUAL_PAGE];
    long host = page + entries[e + ADDEND];
    verify(page, host, entries[e]);
    verify(page, host, entries[e + WRITE_TAG]);
  }

  private static void verify(long page, long host, long tag) {
    if (tag != host && tag != INVALID) {
      throw new IllegalStateException(
          "the translation cache is damaged: the entry for 0x%x leads to host address 0x%x, not to 0x%x; reset the machine"
              .formatted(page, host, tag));
    }
  }

  /** Remembers that a translation larger than a page covers these addresses. */
  void noteSuperpage(long virtual, long size) {
    long from = virtual & -size;
    long to = from + size - 1;
    boolean none = superpagesFrom == -1;
    superpagesFrom = none ? from : Math.min(superpagesFrom, from);
    superpagesTo = none ? to : Math.max(superpagesTo, to);
  }
}
