package handover.riscv;

/** Fields of mstatus and sstatus (privileged specification, 3.1.6). */
final class Mstatus {
  static final long SIE = 1L << 1;
  static final long MIE = 1L << 3;
  static final long SPIE = 1L << 5;
  static final long MPIE = 1L << 7;
  static final long SPP = 1L << 8;
  static final int MPP_SHIFT = 11;
  static final long MPP = 3L << MPP_SHIFT;
  static final long FS = 3L << 13;
  static final long FS_INITIAL = 1L << 13;
  static final long MPRV = 1L << 17;
  static final long SUM = 1L << 18;
  static final long MXR = 1L << 19;
  static final long TVM = 1L << 20;
  static final long TW = 1L << 21;
  static final long TSR = 1L << 22;

  /** UXL and SXL: 64 bits, fixed. */
  static final long XL64 = 2L << 32 | 2L << 34;

  static final long SD = 1L << 63;

  /** What sstatus shows. */
  static final long SSTATUS_READ = SIE | SPIE | SPP | FS | SUM | MXR | 3L << 32 | SD;

  /** What a write of sstatus changes. */
  static final long SSTATUS_WRITE = SIE | SPIE | SPP | FS | SUM | MXR;

  /** What a write of mstatus changes; MPP only to a mode that exists. */
  static final long WRITE = SSTATUS_WRITE | MIE | MPIE | MPRV | TVM | TW | TSR;

  private Mstatus() {}

  /** Adds the summary bit SD: some unit is dirty. */
  static long withSummary(long mstatus) {
    return (mstatus & FS) == FS ? mstatus | SD : mstatus;
  }

  /** The privilege mode in MPP. */
  static int previousPrivilege(long mstatus) {
    return (int) (mstatus >>> MPP_SHIFT) & 3;
  }
}
