package handover.riscv;

import java.util.Arrays;

/** Virtual page to decoded page, for instruction fetch in one context. Direct-mapped. */
final class FetchTlb {
  static final int ENTRIES = 256;

  private static final long INVALID = 1;

  /** Virtual page addresses. */
  final long[] tags = new long[ENTRIES];

  /** The slots of {@link #pages}, saving the interpreter a step. */
  final long[][] slots = new long[ENTRIES][];

  private final CodePage[] pages = new CodePage[ENTRIES];
  private boolean used;
  private boolean superpages;

  FetchTlb() {
    Arrays.fill(tags, INVALID);
  }

  static int index(long virtual) {
    return (int) (virtual >>> 12) & ENTRIES - 1;
  }

  /** The page that holds {@code virtual}, or null. */
  CodePage lookup(long virtual) {
    int i = index(virtual);
    return tags[i] == (virtual & -4096) ? pages[i] : null;
  }

  void fill(long virtual, CodePage page, boolean superpage) {
    int i = index(virtual);
    tags[i] = virtual & -4096;
    pages[i] = page;
    slots[i] = page.slots();
    used = true;
    superpages |= superpage;
  }

  void flush() {
    if (used) {
      Arrays.fill(tags, INVALID);
      Arrays.fill(pages, null);
      Arrays.fill(slots, null);
      used = false;
      superpages = false;
    }
  }

  void flushPage(long virtual) {
    if (superpages) {
      flush();
    } else {
      tags[index(virtual)] = INVALID;
    }
  }
}
