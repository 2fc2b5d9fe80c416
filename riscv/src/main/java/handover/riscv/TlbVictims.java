package handover.riscv;

import java.util.Arrays;

/**
 * The last entries that others took the place of in a {@link Tlb}. Two pages in use whose entries
 * fall on the same place, which is chance, would otherwise cost a page walk each time the guest
 * turns from one to the other.
 */
final class TlbVictims {
  private static final int COUNT = 8;
  private static final int WORDS = 4;

  private final long[] victims = new long[COUNT * WORDS];
  private int oldest;

  TlbVictims() {
    flush();
  }

  void flush() {
    for (int v = 0; v < victims.length; v += WORDS) {
      forget(v);
    }
  }

  /** Forgets a page. */
  void flushPage(long page) {
    for (int v = 0; v < victims.length; v += WORDS) {
      if (victims[v + Tlb.VIRTUAL_PAGE] == page) {
        forget(v);
      }
    }
  }

  private void forget(int v) {
    Arrays.fill(victims, v, v + WORDS, Tlb.INVALID);
  }

  void dropWrites() {
    for (int v = 0; v < victims.length; v += WORDS) {
      victims[v + Tlb.WRITE_TAG] = Tlb.INVALID;
    }
  }

  /** Keeps the entry at {@code e}, which is about to be another page's. */
  void keep(long[] entries, int e) {
    if (entries[e] != Tlb.INVALID || entries[e + Tlb.WRITE_TAG] != Tlb.INVALID) {
      System.arraycopy(entries, e, victims, oldest, WORDS);
      oldest = (oldest + WORDS) % victims.length;
    }
  }

  /** Has a page's entry change places with the one at {@code e}; false if it is not here. */
  boolean restore(long page, long[] entries, int e) {
    for (int v = 0; v < victims.length; v += WORDS) {
      if (victims[v + Tlb.VIRTUAL_PAGE] == page) {
        for (int word = 0; word < WORDS; word++) {
          long other = entries[e + word];
          entries[e + word] = victims[v + word];
          victims[v + word] = other;
        }
        return true;
      }
    }
    return false;
  }
}
