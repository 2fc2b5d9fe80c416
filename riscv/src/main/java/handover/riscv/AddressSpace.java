package handover.riscv;

/**
 * The translation caches of one value of satp; several are kept so that a switch flushes nothing.
 */
final class AddressSpace {
  /** How many contexts of the data TLB it takes. */
  static final int CONTEXTS = 3;

  private static final int ASID_SHIFT = 44;
  private static final int ASID_MASK = 0xffff;

  final Tlb supervisor;

  /** Supervisor mode while mstatus.SUM permits it the pages of users. */
  final Tlb supervisorAsUser;

  final Tlb user;
  final FetchTlb supervisorFetch = new FetchTlb();
  final FetchTlb userFetch = new FetchTlb();

  long satp;
  long lastUse;

  /**
   * Nothing of an address space.
   *
   * @param tlb the hart's words
   * @param context the first of {@link #CONTEXTS}
   */
  AddressSpace(long satp, long[] tlb, int context) {
    this.satp = satp;
    supervisor = new Tlb(tlb, context);
    supervisorAsUser = new Tlb(tlb, context + 1);
    user = new Tlb(tlb, context + 2);
  }

  int asid() {
    return (int) (satp >>> ASID_SHIFT) & ASID_MASK;
  }

  void flushData() {
    supervisor.flush();
    supervisorAsUser.flush();
    user.flush();
  }

  void flush() {
    flushData();
    supervisorFetch.flush();
    userFetch.flush();
  }

  void suspectCode() {
    supervisorFetch.suspect();
    userFetch.suspect();
  }

  void flushPage(long virtual) {
    supervisor.flushPage(virtual);
    supervisorAsUser.flushPage(virtual);
    user.flushPage(virtual);
    supervisorFetch.flushPage(virtual);
    userFetch.flushPage(virtual);
  }

  void dropWrites() {
    supervisor.dropWrites();
    supervisorAsUser.dropWrites();
    user.dropWrites();
  }
}
