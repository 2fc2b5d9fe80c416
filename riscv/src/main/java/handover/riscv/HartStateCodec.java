package handover.riscv;

import handover.vmstate.StreamException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Between a hart's run-time registers and the form migration carries. */
final class HartStateCodec {
  /** QEMU's numbers: privileged architecture 1.12, XLEN 64. */
  private static final int PRIVILEGED_1_12 = 2;

  private static final int MXL_64 = 2;
  private static final long RESET_VECTOR = 0x1000;

  /** A trigger that exists but is of the legacy address-match type and switched off. */
  private static final long IDLE_TRIGGER = 2L << 60;

  /** The parts of a hart of QEMU 7.2: translation, protection, triggers. */
  private static final int PARTS = 0x13;

  /** menvcfg.ADUE: accessed and dirty bits are written by the hart, as this one always does. */
  private static final long HARDWARE_UPDATE = 1L << 61;

  private static final long SUPERVISOR_INTERRUPTS = 0x222;

  /** Exceptions that exist here; QEMU's hart can delegate more. */
  private static final long DELEGABLE = 0xb3ff;

  /** mcycle and minstret. */
  private static final long EXISTING_COUNTERS = 5;

  /** SSIP and STIP. SEIP is taken for the wire: as software's it might never be cleared. */
  private static final long SOFTWARE_INTERRUPTS = 0x22;

  private final int hartId;
  private final CpuFeatures features;
  private final Registers r;
  private final InterruptLines lines;
  private final Pmp pmp;
  private final Counters counters;
  private BooleanSupplier timerArmed = () -> false;

  /** What came with the guest in fields of no use here; it may return to where they are of use. */
  private Optional<HartState> arrived = Optional.empty();

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
    s.parts = PARTS;
    Arrays.fill(s.tdata1, IDLE_TRIGGER);
    arrived.ifPresent(from -> passOn(from, s));
    return s;
  }

  /** Asks this whether the hart's machine timer will expire some day. */
  void timerArmed(BooleanSupplier armed) {
    timerArmed = armed;
  }

  /** The hart was reset: nothing is left of the guest that arrived. */
  void forget() {
    arrived = Optional.empty();
  }

  private static void passOn(HartState from, HartState to) {
    System.arraycopy(from.machinePriorities, 0, to.machinePriorities, 0, 64);
    System.arraycopy(from.supervisorPriorities, 0, to.supervisorPriorities, 0, 64);
    to.badAddress = from.badAddress;
    to.privilegedVersion = from.privilegedVersion;
    to.vectorVersion = from.vectorVersion;
    to.misaMask = from.misaMask;
    to.resetVector = from.resetVector;
    to.claimed = from.claimed;
    to.mvien = from.mvien;
    to.mvip = from.mvip;
    to.sie = from.sie;
    to.scountinhibit = from.scountinhibit;
    System.arraycopy(from.events, 0, to.events, 0, from.events.length);
    System.arraycopy(from.eventsHigh, 0, to.eventsHigh, 0, from.events.length);
    to.stimecmp = from.stimecmp;
    to.machineContext = from.machineContext;
    to.trigger = from.trigger;
    System.arraycopy(from.tdata1, 0, to.tdata1, 0, from.tdata1.length);
    System.arraycopy(from.tdata2, 0, to.tdata2, 0, from.tdata2.length);
    System.arraycopy(from.tdata3, 0, to.tdata3, 0, from.tdata3.length);
  }

  HartState save() {
    HartState s = blank();
    System.arraycopy(r.x, 0, s.gpr, 0, s.gpr.length);
    System.arraycopy(r.f, 0, s.fpr, 0, s.fpr.length);
    s.pc = r.pc;
    s.reservation = r.reservation;
    s.reservedValue = r.reservedValue;
    s.frm = r.frm;
    s.privilege = r.privilege;
    s.mstatus = r.mstatus;
    s.mip = lines.asserted() | r.softwarePending;
    s.timerArmed = timerArmed.getAsBoolean();
    s.mie = r.mie;
    s.mideleg = r.mideleg;
    s.satp = r.satp;
    s.medeleg = r.medeleg | kept(a -> a.medeleg & ~DELEGABLE);
    saveTraps(s);
    s.scounteren = r.scounteren;
    s.mcounteren = r.mcounteren;
    s.mcountinhibit = counters.inhibited() | kept(a -> a.mcountinhibit & ~EXISTING_COUNTERS);
    s.counters[0].value = counters.cycle();
    s.counters[2].value = counters.instret();
    s.menvcfg = r.menvcfg | kept(a -> a.menvcfg & HARDWARE_UPDATE);
    s.senvcfg = r.senvcfg;
    s.miselect = r.miselect;
    s.siselect = r.siselect;
    for (int i = 0; i < Pmp.ENTRIES; i++) {
      int entry = i;
      s.pmp[i].address = pmp.address(i) | kept(a -> beyondAddresses(a, entry));
      s.pmp[i].config = pmp.config(i);
    }
    s.guestFaultAddress = StickyFlags.write(s, r.flags.accrued);
    return s;
  }

  /** Bits that a guest brought, and that mean nothing here, but may again where it returns to. */
  private long kept(ToLongFunction<HartState> of) {
    return arrived.map(of::applyAsLong).orElse(0L);
  }

  /** QEMU keeps all bits of an address, also those that no address of memory has. */
  private long beyondAddresses(HartState from, int entry) {
    long there = from.pmp[entry].address;
    boolean same = (there & Pmp.ADDRESS_MASK) == pmp.address(entry);
    return same ? there & ~Pmp.ADDRESS_MASK : 0;
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
    arrived = Optional.of(s);
    System.arraycopy(s.gpr, 0, r.x, 0, s.gpr.length);
    r.x[0] = 0;
    System.arraycopy(s.fpr, 0, r.f, 0, s.fpr.length);
    r.pc = s.pc & ~1L;
    r.reservation = s.reservation;
    r.reservedValue = s.reservedValue;
    r.frm = (int) s.frm & 7;
    r.flags.accrued = StickyFlags.read(s);
    r.privilege = (int) s.privilege;
    r.mstatus = s.mstatus & (Mstatus.WRITE | Mstatus.MPP) | Mstatus.XL64;
    // mip alone carries MSIP, whose device has no section; the others are driven again by theirs.
    lines.load(s.mip & InterruptLines.EXTERNAL);
    r.softwarePending = s.mip & SOFTWARE_INTERRUPTS;
    r.mie = s.mie & (SUPERVISOR_INTERRUPTS | 0x888);
    r.mideleg = s.mideleg & SUPERVISOR_INTERRUPTS;
    r.medeleg = s.medeleg & DELEGABLE;
    r.satp = s.satp;
    loadTraps(s);
    r.scounteren = s.scounteren;
    r.mcounteren = s.mcounteren;
    counters.setInhibited(s.mcountinhibit);
    counters.setCycle(s.counters[0].value);
    counters.setInstret(s.counters[2].value);
    r.menvcfg = s.menvcfg & 1;
    r.senvcfg = s.senvcfg & 1;
    r.miselect = s.miselect & 0x1ff;
    r.siselect = s.siselect & 0x1ff;
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
        () -> "privilege mode 0, 1 or 3",
        s.privilege);
    require(s.mvien == 0, () -> "no virtual interrupts (mvien = 0)", s.mvien);
    require(s.virtualised == 0, () -> "a hart outside virtualisation (V=0)", s.virtualised);
    require(s.misaMxl == MXL_64, () -> "a 64-bit hart (misa.MXL = 2)", s.misaMxl);
    require(s.hartId == hartId, () -> "hart " + hartId, s.hartId);
    int mode = PageWalker.mode(s.satp);
    boolean translates =
        mode == PageWalker.BARE
            || mode == PageWalker.SV39 && features.has("sv39")
            || mode == PageWalker.SV48 && features.has("sv48");
    require(
        translates,
        () -> "satp mode bare, Sv39 or Sv48; start the source with '-cpu rv64,sv57=off'",
        s.satp >>> 60);
    environment(s.menvcfg);
    for (int i = Pmp.ENTRIES; i < s.pmp.length; i++) {
      int entry = i;
      require(
          s.pmp[i].config == 0,
          () -> "PMP entry %d switched off".formatted(entry),
          s.pmp[i].config);
    }
    long missing = s.misaLetters & ~features.extensionLetters() & USED_LETTERS;
    require(
        missing == 0,
        () ->
            "no extensions beyond %s; start the source with '-cpu rv64%s'"
                .formatted(features.isaString(), switchedOff(missing)),
        missing);
  }

  /** Letters of misa as they are switched off. */
  private static String switchedOff(long letters) {
    StringBuilder words = new StringBuilder();
    for (long left = letters; left != 0; left &= left - 1) {
      words.append(",%c=off".formatted('a' + Long.numberOfTrailingZeros(left)));
    }
    return words.toString();
  }

  /** Firmware switches on in menvcfg what it means the guest to use. */
  private void environment(long menvcfg) {
    for (Map.Entry<Integer, String> use : ENVIRONMENT.entrySet()) {
      require(
          (menvcfg >>> use.getKey() & 1) == 0,
          () ->
              "a guest that does not use %s; start the source with '-cpu rv64,%s=off'"
                  .formatted(use.getValue(), use.getValue()),
          menvcfg);
    }
  }

  /** Bits of menvcfg and the extensions they switch on (privileged specification, 3.1.18). */
  private static final Map<Integer, String> ENVIRONMENT =
      new TreeMap<>(
          Map.of(
              63, "sstc", 62, "svpbmt", 7, "zicboz", 6, "zicbom", 5, "zicbom", 4, "zicbom", 3,
              "zicfiss", 2, "zicfilp"));

  /** I, M, A, F, D, C, V, H: what a guest uses when misa shows it. */
  private static final long USED_LETTERS =
      1 << 8 | 1 << 12 | 1 | 1 << 5 | 1 << 3 | 1 << 2 | 1 << 21 | 1 << 7;

  /** Words are put together only where they are needed: the guest stands still meanwhile. */
  private void require(boolean holds, Supplier<String> expected, long found) {
    if (!holds) {
      throw new StreamException(
          "cpu %d: expected %s, found 0x%x".formatted(hartId, expected.get(), found));
    }
  }
}
