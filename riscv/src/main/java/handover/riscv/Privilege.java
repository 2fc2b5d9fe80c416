package handover.riscv;

/** Privilege modes as encoded in mstatus.MPP. */
final class Privilege {
  static final int USER = 0;
  static final int SUPERVISOR = 1;
  static final int MACHINE = 3;

  private Privilege() {}
}
