package handover.riscv;

import handover.vmstate.StreamException;

/** Between a hart's run-time registers and the form migration carries. */
final class HartStateCodec {
  /** QEMU's numbers: privileged architecture 1.12, XLEN 64. */
  private static final int PRIVILEGED_1_12 = 2;

  private static final int MXL_64 = 2;
  private static final long RESET_VECTOR = 0x1000;

  /** A trigger that exists but is of the legacy address-match type and switched off. */
  private static final long IDLE_TRIGGER = 2L << 60;

  /**
   * fflags have no field: QEMU loses them in every migration. They travel in one that only a hart
   * with virtualisation reads, behind this mark.
   */
  private static final long FLAGS_MARK = 0x66666c_6167_7300L;

  private static final long SUPERVISOR_INTERRUPTS = 0x222;

  /** SSIP and STIP. SEIP is taken for the wire: as software's it might never be cleared. */
  private static final long SOFTWARE_INTERRUPTS = 0x22;

  private final int hartId;
  private final CpuFeatures features;
  private final Registers r;
  private final InterruptLines lines;
  private final Pmp pmp;
  private final Counters counters;

  HartStateCodec(
      int hartId,
      CpuFeatures features,
      Registers registers,
      InterruptLines lines,
      Pmp pmp,
      Counters counters) {
    this.hartId = hartId;
    this.features = features;
    this.r = registers;
    this.lines = lines;
    this.pmp = pmp;
    this.counters = counters;
  }

  HartState blank() {
    HartState s = new HartState();
    s.hartId = hartId;
    s.privilegedVersion = PRIVILEGED_1_12;
    s.misaMxl = MXL_64;
    s.misaLetters = features.extensionLetters();
    s.misaMask = s.misaLetters;
    s.resetVector = RESET_VECTOR;
    java.util.Arrays.fill(s.tdata1, IDLE_TRIGGER);
    return s;
  }

  HartState save() {
    HartState s = blank();
    System.arraycopy(r.x, 0, s.gpr, 0, s.gpr.length);
    System.arraycopy(r.f, 0, s.fpr, 0, s.fpr.length);
    s.pc = r.pc;
    s.reservation = r.reservation;
    s.reservedValue = r.reservedValue;
    s.frm = r.frm;
    s.guestFaultAddress = FLAGS_MARK | r.flags.accrued;
    s.privilege = r.privilege;
    s.mstatus = r.mstatus;
    s.mip = lines.asserted() | r.softwarePending;
    s.mie = r.mie;
    s.mideleg = r.mideleg;
    s.satp = r.satp;
    s.medeleg = r.medeleg;
    saveTraps(s);
    s.scounteren = r.scounteren;
    s.mcounteren = r.mcounteren;
    s.mcountinhibit = counters.inhibited();
    s.counters[0].value = counters.cycle();
    s.counters[2].value = counters.instret();
    s.menvcfg = r.menvcfg;
    s.senvcfg = r.senvcfg;
    for (int i = 0; i < Pmp.ENTRIES; i++) {
      s.pmp[i].address = pmp.address(i);
      s.pmp[i].config = pmp.config(i);
    }
    return s;
  }

  private void saveTraps(HartState s) {
    s.stval = r.stval;
    s.stvec = r.stvec;
    s.sepc = r.sepc;
    s.scause = r.scause;
    s.sscratch = r.sscratch;
    s.mtvec = r.mtvec;
    s.mepc = r.mepc;
    s.mcause = r.mcause;
    s.mtval = r.mtval;
    s.mscratch = r.mscratch;
  }

  void load(HartState s) {
    check(s);
    System.arraycopy(s.gpr, 0, r.x, 0, s.gpr.length);
    r.x[0] = 0;
    System.arraycopy(s.fpr, 0, r.f, 0, s.fpr.length);
    r.pc = s.pc & ~1L;
    r.reservation = s.reservation;
    r.reservedValue = s.reservedValue;
    r.frm = (int) s.frm & 7;
    r.flags.accrued =
        (s.guestFaultAddress & ~31L) == FLAGS_MARK ? (int) s.guestFaultAddress & 31 : 0;
    r.privilege = (int) s.privilege;
    r.mstatus = s.mstatus & (Mstatus.WRITE | Mstatus.MPP) | Mstatus.XL64;
    // mip alone carries MSIP, whose device has no section; the others are driven again by theirs.
    lines.load(s.mip & InterruptLines.EXTERNAL);
    r.softwarePending = s.mip & SOFTWARE_INTERRUPTS;
    r.mie = s.mie & (SUPERVISOR_INTERRUPTS | 0x888);
    r.mideleg = s.mideleg & SUPERVISOR_INTERRUPTS;
    r.medeleg = s.medeleg & 0xb3ff;
    r.satp = s.satp;
    loadTraps(s);
    r.scounteren = s.scounteren;
    r.mcounteren = s.mcounteren;
    counters.setInhibited(s.mcountinhibit);
    counters.setCycle(s.counters[0].value);
    counters.setInstret(s.counters[2].value);
    r.menvcfg = s.menvcfg & 1;
    r.senvcfg = s.senvcfg & 1;
    for (int i = 0; i < Pmp.ENTRIES; i++) {
      pmp.load(i, s.pmp[i].address, (int) s.pmp[i].config);
    }
  }

  private void loadTraps(HartState s) {
    r.stval = s.stval;
    r.stvec = s.stvec & ~2L;
    r.sepc = s.sepc & ~1L;
    r.scause = s.scause;
    r.sscratch = s.sscratch;
    r.mtvec = s.mtvec & ~2L;
    r.mepc = s.mepc & ~1L;
    r.mcause = s.mcause;
    r.mtval = s.mtval;
    r.mscratch = s.mscratch;
  }

  private void check(HartState s) {
    require(
        s.privilege != 2 && s.privilege >= 0 && s.privilege <= 3,
        "privilege mode 0, 1 or 3",
        s.privilege);
    require(s.virtualised == 0, "a hart outside virtualisation (V=0)", s.virtualised);
    require(s.misaMxl == MXL_64, "a 64-bit hart (misa.MXL = 2)", s.misaMxl);
    require(s.hartId == hartId, "hart " + hartId, s.hartId);
    int mode = PageWalker.mode(s.satp);
    boolean translates =
        mode == PageWalker.BARE
            || mode == PageWalker.SV39 && features.has("sv39")
            || mode == PageWalker.SV48 && features.has("sv48");
    require(
        translates,
        "satp mode bare, Sv39 or Sv48; start the source with '-cpu rv64,sv57=off'",
        s.satp >>> 60);
    long missing = s.misaLetters & ~features.extensionLetters() & USED_LETTERS;
    require(
        missing == 0,
        "no extensions beyond " + features.isaString() + "; switch the others off on the source",
        missing);
  }

  /** I, M, A, F, D, C, V, H: what a guest uses when misa shows it. */
  private static final long USED_LETTERS =
      1 << 8 | 1 << 12 | 1 | 1 << 5 | 1 << 3 | 1 << 2 | 1 << 21 | 1 << 7;

  private void require(boolean holds, String expected, long found) {
    if (!holds) {
      throw new StreamException(
          "cpu %d: expected %s, found 0x%x".formatted(hartId, expected, found));
    }
  }
}
