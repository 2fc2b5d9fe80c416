package handover.riscv;

import handover.memory.GuestMemory;
import handover.memory.GuestMemoryFault;
import java.util.Optional;

/**
 * A guest's page tables as somebody reads them who is no hart: nothing is marked as accessed, and
 * nothing is protected; {@link PageWalker} is what harts do (privileged specification, 12.4: Sv39
 * and Sv48).
 */
final class PageTables {
  private static final int PAGE_SHIFT = 12;
  private static final int INDEX_BITS = 9;
  private static final long PAGE_NUMBER = (1L << 44) - 1;
  private static final int VALID = 1;
  private static final int LEAF = 0xe;

  private final GuestMemory memory;

  PageTables(GuestMemory memory) {
    this.memory = memory;
  }

  /** Where {@code virtual} is under {@code satp}; empty if nowhere. */
  Optional<Long> physical(long satp, long virtual) {
    int mode = PageWalker.mode(satp);
    if (mode == PageWalker.BARE) {
      return Optional.of(virtual);
    }
    if (mode != PageWalker.SV39 && mode != PageWalker.SV48) {
      return Optional.empty();
    }
    try {
      return walk((satp & PAGE_NUMBER) << PAGE_SHIFT, mode == PageWalker.SV39 ? 3 : 4, virtual);
    } catch (GuestMemoryFault e) {
      return Optional.empty();
    }
  }

  private Optional<Long> walk(long root, int levels, long virtual) {
    long table = root;
    for (int level = levels - 1; level >= 0; level--) {
      int shift = PAGE_SHIFT + level * INDEX_BITS;
      long index = virtual >>> shift & (1 << INDEX_BITS) - 1;
      long entry = memory.loadU64(table + index * Long.BYTES);
      if ((entry & VALID) == 0) {
        return Optional.empty();
      }
      table = (entry >>> 10 & PAGE_NUMBER) << PAGE_SHIFT;
      if ((entry & LEAF) != 0) {
        long inside = (1L << shift) - 1;
        return Optional.of(table & ~inside | virtual & inside);
      }
    }
    return Optional.empty();
  }
}
