package handover.riscv;

import java.util.Arrays;

/**
 * Physical memory protection: 16 entries (privileged specification, 3.7).
 *
 * <p>The lowest-numbered entry that matches any byte decides, and must match all of them. An access
 * that no entry matches is allowed to M mode only.
 */
final class Pmp {
  static final int ENTRIES = 16;

  /** What {@link #permissions} says of a range that an entry matches only in part. */
  static final int PARTIAL = -1;

  private static final int ALL = 7;
  private static final int LOCKED = 0x80;
  private static final int TOR = 1;
  private static final int NA4 = 2;
  static final long ADDRESS_MASK = (1L << 54) - 1;

  private final int[] config = new int[ENTRIES];
  private final long[] address = new long[ENTRIES];
  private final long[] first = new long[ENTRIES];
  private final long[] end = new long[ENTRIES];
  private int active;

  void reset() {
    Arrays.fill(config, 0);
    Arrays.fill(address, 0);
    recompute();
  }

  int config(int entry) {
    return config[entry];
  }

  long address(int entry) {
    return address[entry];
  }

  /** Eight configuration bytes: pmpcfg0 for 0, pmpcfg2 for 8. */
  long packedConfig(int firstEntry) {
    long packed = 0;
    for (int i = 7; i >= 0; i--) {
      packed = packed << 8 | config[firstEntry + i];
    }
    return packed;
  }

  void writePackedConfig(int firstEntry, long packed) {
    for (int i = 0; i < 8; i++) {
      int wanted = (int) (packed >>> 8 * i) & 0x9f;
      boolean reserved = (wanted & 3) == 2;
      if ((config[firstEntry + i] & LOCKED) == 0 && !reserved) {
        config[firstEntry + i] = wanted;
      }
    }
    recompute();
  }

  void writeAddress(int entry, long value) {
    if (!addressLocked(entry)) {
      address[entry] = value & ADDRESS_MASK;
      recompute();
    }
  }

  /** Sets an entry whatever locks say: a migration load. */
  void load(int entry, long newAddress, int newConfig) {
    address[entry] = newAddress & ADDRESS_MASK;
    config[entry] = newConfig & 0x9f;
    recompute();
  }

  /** An entry is also locked by a locked TOR entry above it, whose lower bound it is. */
  private boolean addressLocked(int entry) {
    boolean above =
        entry + 1 < ENTRIES && (config[entry + 1] & LOCKED) != 0 && mode(config[entry + 1]) == TOR;
    return above || (config[entry] & LOCKED) != 0;
  }

  private static int mode(int config) {
    return config >>> 3 & 3;
  }

  private void recompute() {
    active = 0;
    for (int i = 0; i < ENTRIES; i++) {
      switch (mode(config[i])) {
        case 0 -> first[i] = end[i] = 0;
        case TOR -> range(i, i == 0 ? 0 : address[i - 1] << 2, address[i] << 2);
        case NA4 -> range(i, address[i] << 2, (address[i] << 2) + 4);
        default -> {
          long ones = address[i] ^ (address[i] + 1);
          long base = (address[i] & ~ones) << 2;
          range(i, base, base + ((ones + 1) << 2));
        }
      }
      if (mode(config[i]) != 0) {
        active = i + 1;
      }
    }
  }

  private void range(int entry, long from, long to) {
    // A TOR region that ends before it begins matches nothing, not even what lies around its bound.
    boolean empty = from >= to;
    first[entry] = empty ? 0 : from;
    end[entry] = empty ? 0 : to;
  }

  /**
   * Permissions (bits of {@link Access#bit}) for every byte of a range, or {@link #PARTIAL} if the
   * first entry that matches does not match all of it.
   */
  int permissions(long start, long length, int privilege) {
    long stop = start + length;
    for (int i = 0; i < active; i++) {
      if (start < end[i] && stop > first[i]) {
        if (start < first[i] || stop > end[i]) {
          return PARTIAL;
        }
        boolean applies = privilege != Privilege.MACHINE || (config[i] & LOCKED) != 0;
        return applies ? config[i] & ALL : ALL;
      }
    }
    return privilege == Privilege.MACHINE ? ALL : 0;
  }
}
