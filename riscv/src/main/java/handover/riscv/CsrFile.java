package handover.riscv;

import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * The control and status registers of one hart, each declared once (privileged specification,
 * chapter 2 for numbers and access rules).
 */
final class CsrFile {
  /** One register: how to read it and how to write it. */
  private record Csr(
      String name,
      LongSupplier read,
      LongConsumer write,
      boolean changesContext,
      BooleanSupplier there) {}

  static final int SATP = 0x180;
  static final int SSTATUS = 0x100;
  static final int FCSR = 3;

  private static final int CYCLE = 0xc00;
  private static final long SUPERVISOR_INTERRUPTS =
      1L << InterruptLines.SSIP | 1L << InterruptLines.STIP | 1L << InterruptLines.SEIP;
  private static final long ALL_INTERRUPTS = SUPERVISOR_INTERRUPTS | 0x888;

  /** Every exception but the reserved ones and the call from M mode. */
  private static final long DELEGABLE = 0xb3ff;

  private static final long FIOM = 1;
  private static final long PPN = (1L << 44) - 1;

  private final Csr[] table = new Csr[4096];
  private final Registers r;
  private final InterruptLines lines;
  private final CpuFeatures features;
  private final Mmu mmu;
  private final Pmp pmp;
  private final Counters counters;
  private final LongSupplier mtime;

  CsrFile(
      int hartId,
      CpuFeatures features,
      Registers registers,
      InterruptLines lines,
      Mmu mmu,
      Pmp pmp,
      Counters counters,
      LongSupplier mtime) {
    this.features = features;
    this.r = registers;
    this.lines = lines;
    this.mmu = mmu;
    this.pmp = pmp;
    this.counters = counters;
    this.mtime = mtime;
    declareFloat();
    declareCounters();
    declareSupervisor();
    declareMachine(hartId);
    declarePmp();
  }

  // ---- access

  /** The assembler's name of a register, or empty when there is none. */
  String name(int number) {
    return table[number] == null ? "" : table[number].name;
  }

  /** Whether the current privilege may access a register in this way. */
  boolean accessible(int number, boolean write) {
    boolean exists = table[number] != null;
    boolean privileged = r.privilege >= (number >>> 8 & 3);
    boolean readOnly = number >>> 10 == 3;
    return exists
        && privileged
        && !(write && readOnly)
        && enabled(number)
        && table[number].there.getAsBoolean();
  }

  /** Adds a register that this file does not declare itself. */
  void add(int number, String name, LongSupplier read, LongConsumer write) {
    add(number, name, CsrFile::always, read, write);
  }

  /** Adds one that exists only while {@code there}. */
  void add(int number, String name, BooleanSupplier there, LongSupplier read, LongConsumer write) {
    table[number] = new Csr(name, read, write, true, there);
  }

  private static boolean always() {
    return true;
  }

  private boolean enabled(int number) {
    if (number <= FCSR) {
      return (r.mstatus & Mstatus.FS) != 0;
    }
    if (number == SATP) {
      return r.privilege != Privilege.SUPERVISOR || (r.mstatus & Mstatus.TVM) == 0;
    }
    return number >>> 5 != CYCLE >>> 5 || counterEnabled(number - CYCLE);
  }

  private boolean counterEnabled(int counter) {
    long machine = r.privilege == Privilege.MACHINE ? -1 : r.mcounteren;
    long supervisor = r.privilege == Privilege.USER ? r.scounteren : -1;
    return (machine & supervisor & 1L << counter) != 0;
  }

  long read(int number) {
    return table[number].read.getAsLong();
  }

  /** What a read-modify-write modifies: of mip's SEIP only the half that software wrote (3.1.9). */
  long readForUpdate(int number) {
    return number == 0x344 ? r.softwarePending | lines.asserted() & ~0x222L : read(number);
  }

  void write(int number, long value) {
    table[number].write.accept(value);
  }

  /** Whether a write can change what is executed next or how memory is reached. */
  boolean changesContext(int number) {
    return table[number].changesContext;
  }

  /** mip: wires and what software wrote. */
  long pending() {
    return lines.asserted() | r.softwarePending;
  }

  // ---- declarations

  private void plain(int number, String name, LongSupplier read, LongConsumer write) {
    table[number] = new Csr(name, read, write, false, CsrFile::always);
  }

  private void context(int number, String name, LongSupplier read, LongConsumer write) {
    add(number, name, read, write);
  }

  private void constant(int number, String name, long value) {
    table[number] = new Csr(name, () -> value, v -> {}, false, CsrFile::always);
  }

  private void declareFloat() {
    if (!features.has(Instruction.Extension.F)) {
      return;
    }
    plain(1, "fflags", () -> r.flags.accrued, v -> setFloat(r.frm, (int) v));
    plain(2, "frm", () -> r.frm, v -> setFloat((int) v, r.flags.accrued));
    plain(FCSR, "fcsr", () -> r.frm << 5 | r.flags.accrued, v -> setFloat((int) v >>> 5, (int) v));
  }

  private void setFloat(int frm, int fflags) {
    r.frm = frm & 7;
    r.flags.accrued = fflags & 31;
    r.floatDirty();
  }

  private void declareCounters() {
    plain(0xb00, "mcycle", counters::cycle, counters::setCycle);
    plain(0xb02, "minstret", counters::instret, counters::setInstret);
    plain(0x320, "mcountinhibit", counters::inhibited, counters::setInhibited);
    if (features.has("zicntr")) {
      plain(CYCLE, "cycle", counters::cycle, v -> {});
      plain(0xc01, "time", mtime, v -> {});
      plain(0xc02, "instret", counters::instret, v -> {});
    }
    for (int i = 3; i < 32; i++) {
      constant(0xb00 + i, "mhpmcounter" + i, 0);
      constant(0x320 + i, "mhpmevent" + i, 0);
      if (features.has("zihpm")) {
        constant(CYCLE + i, "hpmcounter" + i, 0);
      }
    }
  }

  private void declareSupervisor() {
    context(SSTATUS, "sstatus", this::sstatus, this::setSstatus);
    context(0x104, "sie", () -> r.mie & r.mideleg, v -> r.mie = merge(r.mie, v, r.mideleg));
    plain(0x105, "stvec", () -> r.stvec, v -> r.stvec = vector(r.stvec, v));
    plain(0x106, "scounteren", () -> r.scounteren, v -> r.scounteren = v & 0xffff_ffffL);
    plain(0x10a, "senvcfg", () -> r.senvcfg, v -> r.senvcfg = v & FIOM);
    plain(0x140, "sscratch", () -> r.sscratch, v -> r.sscratch = v);
    plain(0x141, "sepc", () -> r.sepc, v -> r.sepc = programCounter(v));
    plain(0x142, "scause", () -> r.scause, v -> r.scause = v);
    plain(0x143, "stval", () -> r.stval, v -> r.stval = v);
    context(0x144, "sip", () -> pending() & r.mideleg, this::setSip);
    context(SATP, "satp", () -> r.satp, this::setSatp);
  }

  private void declareMachine(int hartId) {
    constant(0xf11, "mvendorid", 0);
    constant(0xf12, "marchid", 0);
    constant(0xf13, "mimpid", 0);
    constant(0xf14, "mhartid", hartId);
    constant(0xf15, "mconfigptr", 0);
    context(0x300, "mstatus", () -> Mstatus.withSummary(r.mstatus), this::setMstatus);
    constant(0x301, "misa", features.misa());
    context(0x302, "medeleg", () -> r.medeleg, v -> r.medeleg = v & DELEGABLE);
    context(0x303, "mideleg", () -> r.mideleg, v -> r.mideleg = v & SUPERVISOR_INTERRUPTS);
    context(0x304, "mie", () -> r.mie, v -> r.mie = v & ALL_INTERRUPTS);
    plain(0x305, "mtvec", () -> r.mtvec, v -> r.mtvec = vector(r.mtvec, v));
    plain(0x306, "mcounteren", () -> r.mcounteren, v -> r.mcounteren = v & 0xffff_ffffL);
    plain(0x30a, "menvcfg", () -> r.menvcfg, v -> r.menvcfg = v & FIOM);
    plain(0x340, "mscratch", () -> r.mscratch, v -> r.mscratch = v);
    plain(0x341, "mepc", () -> r.mepc, v -> r.mepc = programCounter(v));
    plain(0x342, "mcause", () -> r.mcause, v -> r.mcause = v);
    plain(0x343, "mtval", () -> r.mtval, v -> r.mtval = v);
    context(0x344, "mip", this::pending, this::setSoftwarePending);
  }

  private void declarePmp() {
    for (int i = 0; i < Pmp.ENTRIES; i++) {
      int entry = i;
      context(0x3b0 + i, "pmpaddr" + i, () -> pmp.address(entry), v -> setPmp(entry, v));
    }
    context(0x3a0, "pmpcfg0", () -> pmp.packedConfig(0), v -> setPmpConfig(0, v));
    context(0x3a2, "pmpcfg2", () -> pmp.packedConfig(8), v -> setPmpConfig(8, v));
  }

  // ---- writes with rules

  private static long merge(long old, long value, long mask) {
    return old & ~mask | value & mask;
  }

  /** Modes 0 and 1 exist. */
  private static long vector(long old, long value) {
    return (value & 2) != 0 ? old : value;
  }

  private long programCounter(long value) {
    return value & (features.has(Instruction.Extension.C) ? ~1L : ~3L);
  }

  private long sstatus() {
    return Mstatus.withSummary(r.mstatus) & Mstatus.SSTATUS_READ;
  }

  private void setSstatus(long value) {
    r.mstatus = merge(r.mstatus, value, Mstatus.SSTATUS_WRITE & floatMask());
    mmu.contextChanged();
  }

  private void setMstatus(long value) {
    long mask = Mstatus.WRITE & floatMask();
    if (Mstatus.previousPrivilege(value) != 2) {
      mask |= Mstatus.MPP;
    }
    r.mstatus = merge(r.mstatus, value, mask);
    mmu.contextChanged();
  }

  private long floatMask() {
    return features.has(Instruction.Extension.F) ? -1 : ~Mstatus.FS;
  }

  /** The bits of mip that software may write. */
  void setSoftwarePending(long value) {
    r.softwarePending = value & SUPERVISOR_INTERRUPTS;
  }

  /** Of the delegated bits only SSIP is writable here. */
  private void setSip(long value) {
    r.softwarePending = merge(r.softwarePending, value, r.mideleg & 1L << InterruptLines.SSIP);
  }

  /** A mode that does not exist leaves all of satp alone. */
  private void setSatp(long value) {
    boolean exists =
        switch (PageWalker.mode(value)) {
          case PageWalker.BARE -> true;
          case PageWalker.SV39 -> features.has("sv39");
          case PageWalker.SV48 -> features.has("sv48");
          default -> false;
        };
    if (exists) {
      r.satp =
          PageWalker.mode(value) == PageWalker.BARE
              ? 0
              : value & (0xfL << 60 | 0xffffL << 44 | PPN);
      mmu.contextChanged();
    }
  }

  private void setPmp(int entry, long value) {
    pmp.writeAddress(entry, value);
    mmu.flushAll();
  }

  private void setPmpConfig(int entry, long value) {
    pmp.writePackedConfig(entry, value);
    mmu.flushAll();
  }
}
