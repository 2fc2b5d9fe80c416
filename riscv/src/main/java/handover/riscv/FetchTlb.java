package handover.riscv;

import java.util.Arrays;

/**
 * Virtual page to decoded page, for instruction fetch in one context. Direct-mapped.
 *
 * <p>After {@code fence.i} the mappings still hold, but pages must be compared with memory before
 * they are entered: {@link #suspect}, {@link #recall}.
 */
final class FetchTlb {
  static final int ENTRIES = 1024;

  private static final long INVALID = 1;

  /** Virtual page addresses. */
  final long[] tags = new long[ENTRIES];

  /** The slots of {@link #pages}, saving the interpreter a step. */
  final long[][] slots = new long[ENTRIES][];

  private final CodePage[] pages = new CodePage[ENTRIES];

  /** The tags as they were before {@link #suspect}. */
  private final long[] known = new long[ENTRIES];

  private final Entrances entrances = new Entrances();

  private boolean used;
  private long superpagesFrom = -1;
  private long superpagesTo;

  FetchTlb() {
    Arrays.fill(tags, INVALID);
    Arrays.fill(known, INVALID);
  }

  static int index(long virtual) {
    return (int) (virtual >>> 12) & ENTRIES - 1;
  }

  /** The page that holds {@code virtual}, or null. */
  CodePage lookup(long virtual) {
    int i = index(virtual);
    return tags[i] == (virtual & -4096) ? pages[i] : null;
  }

  /**
   * The page that held {@code virtual} when {@link #suspect} was called, or null; it is looked up
   * as before from now on, and the caller must verify it.
   */
  CodePage recall(long virtual) {
    int i = index(virtual);
    if (known[i] != (virtual & -4096)) {
      return null;
    }
    tags[i] = known[i];
    return pages[i];
  }

  /**
   * Remembers that {@code virtual} lies in a page.
   *
   * @param size of the translation, in bytes: 4096, or of the superpage it is part of
   */
  void fill(long virtual, CodePage page, long size) {
    int i = index(virtual);
    tags[i] = virtual & -4096;
    known[i] = tags[i];
    pages[i] = page;
    slots[i] = page.slots();
    used = true;
    if (size > 4096) {
      long from = virtual & -size;
      boolean none = superpagesFrom == -1;
      superpagesFrom = none ? from : Math.min(superpagesFrom, from);
      superpagesTo = none ? from + size - 1 : Math.max(superpagesTo, from + size - 1);
    }
  }

  /** Where addresses led to regions, good while nothing was withdrawn. */
  Entrances entrances() {
    return entrances;
  }

  /** No page is entered before it was compared with memory; mappings are kept. */
  void suspect() {
    if (used) {
      entrances.withdraw();
      Arrays.fill(tags, INVALID);
    }
  }

  void flush() {
    if (used) {
      Arrays.fill(tags, INVALID);
      Arrays.fill(known, INVALID);
      Arrays.fill(pages, null);
      Arrays.fill(slots, null);
      entrances.flush();
      used = false;
      superpagesFrom = -1;
      superpagesTo = 0;
    }
  }

  /** Forgets the page of {@code virtual}; everything when it may lie in a superpage. */
  void flushPage(long virtual) {
    if (superpagesFrom != -1 && virtual >= superpagesFrom && virtual <= superpagesTo) {
      flush();
      return;
    }
    int i = index(virtual);
    if (known[i] == (virtual & -4096)) {
      entrances.withdraw();
      tags[i] = INVALID;
      known[i] = INVALID;
    }
  }
}
