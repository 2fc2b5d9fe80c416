package handover.riscv;

/** Numbers of the CSRs that oracle programs use. */
final class Csrs {
  static final int FFLAGS = 0x001;
  static final int FRM = 0x002;
  static final int FCSR = 0x003;
  static final int SSTATUS = 0x100;
  static final int SIE = 0x104;
  static final int STVEC = 0x105;
  static final int SCOUNTEREN = 0x106;
  static final int SSCRATCH = 0x140;
  static final int SEPC = 0x141;
  static final int SCAUSE = 0x142;
  static final int STVAL = 0x143;
  static final int SIP = 0x144;
  static final int SATP = 0x180;
  static final int MSTATUS = 0x300;
  static final int MISA = 0x301;
  static final int MEDELEG = 0x302;
  static final int MIDELEG = 0x303;
  static final int MIE = 0x304;
  static final int MTVEC = 0x305;
  static final int MCOUNTEREN = 0x306;
  static final int MSCRATCH = 0x340;
  static final int MEPC = 0x341;
  static final int MCAUSE = 0x342;
  static final int MTVAL = 0x343;
  static final int MIP = 0x344;
  static final int PMPCFG0 = 0x3a0;
  static final int PMPADDR0 = 0x3b0;
  static final int MHARTID = 0xf14;

  private Csrs() {}
}
