package handover.riscv;

/**
 * The translation caches of one value of satp; several are kept so that a switch flushes nothing.
 */
final class AddressSpace {
  private static final int ASID_SHIFT = 44;
  private static final int ASID_MASK = 0xffff;

  final Tlb supervisor = new Tlb();

  /** Supervisor mode while mstatus.SUM permits it the pages of users. */
  final Tlb supervisorAsUser = new Tlb();

  final Tlb user = new Tlb();
  final FetchTlb supervisorFetch = new FetchTlb();
  final FetchTlb userFetch = new FetchTlb();

  long satp;
  long lastUse;

  AddressSpace(long satp) {
    this.satp = satp;
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
