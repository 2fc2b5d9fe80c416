package handover.riscv;

/** Why memory is reached; the bit is that of PTE permissions shifted right by one, and of PMP. */
enum Access {
  LOAD(1, Trap.LOAD_PAGE_FAULT, Trap.LOAD_ACCESS_FAULT),
  STORE(2, Trap.STORE_PAGE_FAULT, Trap.STORE_ACCESS_FAULT),
  FETCH(4, Trap.INSTRUCTION_PAGE_FAULT, Trap.INSTRUCTION_ACCESS_FAULT);

  private final int bit;
  private final int pageFault;
  private final int accessFault;

  Access(int bit, int pageFault, int accessFault) {
    this.bit = bit;
    this.pageFault = pageFault;
    this.accessFault = accessFault;
  }

  int bit() {
    return bit;
  }

  int pageFault() {
    return pageFault;
  }

  int accessFault() {
    return accessFault;
  }
}
