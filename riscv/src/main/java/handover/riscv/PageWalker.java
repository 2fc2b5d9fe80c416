package handover.riscv;

import handover.memory.GuestMemory;

/**
 * Sv39 and Sv48 address translation (privileged specification, 4.3.2), updating the accessed and
 * dirty bits atomically. One walk at a time; its results stay in the fields.
 */
final class PageWalker {
  private static final long V = 1;
  private static final long R = 2;
  private static final long W = 4;
  private static final long X = 8;
  private static final long U = 16;
  private static final long A = 64;
  private static final long D = 128;
  private static final long PPN = (1L << 44) - 1;
  private static final int PPN_SHIFT = 10;
  private static final long RESERVED = 0x3ffL << 54;

  static final int BARE = 0;
  static final int SV39 = 8;
  static final int SV48 = 9;

  private final GuestMemory memory;
  private final Pmp pmp;
  private final Trap trap;

  private long physical;
  private boolean readable;
  private long size;

  PageWalker(GuestMemory memory, Pmp pmp, Trap trap) {
    this.memory = memory;
    this.pmp = pmp;
    this.trap = trap;
  }

  static int mode(long satp) {
    return (int) (satp >>> 60);
  }

  /** Physical address that the last walk found. */
  long physical() {
    return physical;
  }

  /** Whether loads are allowed too. */
  boolean readable() {
    return readable;
  }

  /** Size of the leaf's page: 4 KiB, or that of a superpage. */
  long size() {
    return size;
  }

  /** Translates, or throws the page or access fault. */
  void walk(long virtual, Access access, int privilege, long mstatus, long satp) {
    int levels = mode(satp) == SV48 ? 4 : 3;
    int unused = 64 - 12 - 9 * levels;
    if (virtual << unused >> unused != virtual) {
      throw trap.with(access.pageFault(), virtual);
    }
    long table = (satp & PPN) << 12;
    for (int level = levels - 1; level >= 0; level--) {
      long entryAddress = table + ((virtual >>> 12 + 9 * level & 511) << 3);
      long pte = entry(entryAddress, virtual, access);
      if ((pte & V) == 0 || (pte & (R | W)) == W || (pte & RESERVED) != 0) {
        throw trap.with(access.pageFault(), virtual);
      }
      if ((pte & (R | X)) != 0) {
        leaf(virtual, access, privilege, mstatus, level, entryAddress, pte);
        return;
      }
      if ((pte & (A | D | U)) != 0) {
        throw trap.with(access.pageFault(), virtual);
      }
      table = (pte >>> PPN_SHIFT & PPN) << 12;
    }
    throw trap.with(access.pageFault(), virtual);
  }

  private long entry(long address, long virtual, Access access) {
    GuestMemory.Mapping mapping = memory.lookup(address, 8);
    boolean allowed = (pmp.permissions(address, 8, Privilege.SUPERVISOR) & Access.LOAD.bit()) != 0;
    if (mapping == null || !allowed) {
      throw trap.with(access.accessFault(), virtual);
    }
    return (long) HostMemory.ATOMIC_LONG.getVolatile(HostMemory.ALL, host(mapping, address));
  }

  private static long host(GuestMemory.Mapping mapping, long address) {
    return HostMemory.address(mapping.block().segment(), address - mapping.base(), 8);
  }

  private void leaf(
      long virtual,
      Access access,
      int privilege,
      long mstatus,
      int level,
      long entryAddress,
      long pte) {
    long mask = (1L << 12 + 9 * level) - 1;
    long base = (pte >>> PPN_SHIFT & PPN) << 12;
    if ((base & mask) != 0 || !permitted(pte, access, privilege, mstatus)) {
      throw trap.with(access.pageFault(), virtual);
    }
    long needed = access == Access.STORE ? A | D : A;
    if ((pte & needed) != needed && !update(entryAddress, virtual, access, pte, pte | needed)) {
      // Somebody changed the entry meanwhile: what it says now decides.
      long again = entry(entryAddress, virtual, access);
      if ((again & V) == 0 || (again & (R | X)) == 0 || (again & (R | W)) == W) {
        throw trap.with(access.pageFault(), virtual);
      }
      leaf(virtual, access, privilege, mstatus, level, entryAddress, again);
      return;
    }
    physical = base | virtual & mask;
    readable = permitted(pte, Access.LOAD, privilege, mstatus);
    size = mask + 1;
  }

  private static boolean permitted(long pte, Access access, int privilege, long mstatus) {
    boolean userPage = (pte & U) != 0;
    boolean reachable =
        privilege == Privilege.USER
            ? userPage
            : !userPage || access != Access.FETCH && (mstatus & Mstatus.SUM) != 0;
    long readBits = (mstatus & Mstatus.MXR) != 0 ? R | X : R;
    return reachable
        && switch (access) {
          case LOAD -> (pte & readBits) != 0;
          case STORE -> (pte & W) != 0;
          case FETCH -> (pte & X) != 0;
        };
  }

  private boolean update(long address, long virtual, Access access, long seen, long wanted) {
    GuestMemory.Mapping mapping = memory.lookup(address, 8);
    boolean allowed = (pmp.permissions(address, 8, Privilege.SUPERVISOR) & Access.STORE.bit()) != 0;
    if (mapping == null || !mapping.writable() || !allowed) {
      throw trap.with(access.accessFault(), virtual);
    }
    boolean updated =
        HostMemory.ATOMIC_LONG.compareAndSet(HostMemory.ALL, host(mapping, address), seen, wanted);
    mapping.block().dirtyLog().mark(address - mapping.base());
    return updated;
  }
}
