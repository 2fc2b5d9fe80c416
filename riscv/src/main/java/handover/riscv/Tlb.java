package handover.riscv;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A direct-mapped translation cache for loads and stores in one context (address space, privilege,
 * SUM). Off-heap, 32 bytes an entry: read tag, write tag, addend, spare.
 *
 * <p>A tag is the virtual page address. The comparison keeps the low bits that must be zero for an
 * aligned access, so a misaligned access never hits; an entry exists only for pages that lie wholly
 * in RAM, so a hit needs no further check: {@code virtual + addend} is the host address.
 */
final class Tlb {
  static final int ENTRIES = 1024;

  /** {@code virtual >>> INDEX_SHIFT & INDEX_MASK} is the offset of the entry. */
  static final int INDEX_SHIFT = 7;

  static final long INDEX_MASK = (ENTRIES - 1L) << 5;

  static final int WRITE_TAG = 8;
  static final int ADDEND = 16;

  private static final long PAGE_MASK = -4096;

  /** Bit 11 is never kept by a comparison. */
  private static final long INVALID = 0x800;

  private final MemorySegment entries;
  private final long base;
  private boolean used;
  private long superpagesFrom;
  private long superpagesTo;

  Tlb() {
    entries = Arena.ofAuto().allocate(ENTRIES * 32L, 64);
    base = entries.address();
    used = true;
    flush();
  }

  /** Host address of the first entry. */
  long base() {
    return base;
  }

  void flush() {
    if (used) {
      for (long e = base; e < base + ENTRIES * 32L; e += 32) {
        HostMemory.setLong(e, INVALID);
        HostMemory.setLong(e + WRITE_TAG, INVALID);
      }
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
      long e = entry(virtual);
      HostMemory.setLong(e, INVALID);
      HostMemory.setLong(e + WRITE_TAG, INVALID);
    }
  }

  /** The next store to each page goes the slow way. */
  void dropWrites() {
    if (used) {
      for (long e = base; e < base + ENTRIES * 32L; e += 32) {
        HostMemory.setLong(e + WRITE_TAG, INVALID);
      }
    }
  }

  /** Remembers that the page at {@code virtual} is the host's at {@code host}. */
  void fill(long virtual, long host, boolean readable, boolean writable) {
    long page = virtual & PAGE_MASK;
    long e = entry(virtual);
    HostMemory.setLong(e, readable ? page : INVALID);
    HostMemory.setLong(e + WRITE_TAG, writable ? page : INVALID);
    HostMemory.setLong(e + ADDEND, (host & PAGE_MASK) - page);
    used = true;
  }

  /** Remembers that a translation larger than a page covers these addresses. */
  void noteSuperpage(long virtual, long size) {
    long from = virtual & -size;
    long to = from + size - 1;
    boolean none = superpagesFrom == -1;
    superpagesFrom = none ? from : Math.min(superpagesFrom, from);
    superpagesTo = none ? to : Math.max(superpagesTo, to);
  }

  private long entry(long virtual) {
    return base + (virtual >>> INDEX_SHIFT & INDEX_MASK);
  }
}
