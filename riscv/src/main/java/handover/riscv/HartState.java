package handover.riscv;

import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;

/**
 * A hart's registers as migration carries them: section {@code cpu}, version 10.
 *
 * <p>Fields the hart has no use for hold what a hart without that extension has.
 */
public final class HartState {
  private static final int COUNTERS = 32;
  private static final int INTERRUPTS = 64;
  private static final int TRIGGERS = 2;

  /** An extended 64-bit counter of which only the first word is used by a 64-bit hart. */
  static final class CounterState {
    long value;
    long high;
    long previous;
    long previousHigh;
  }

  /** One entry of physical memory protection. */
  static final class PmpState {
    long address;
    long config;
  }

  final long[] gpr = new long[32];
  final long[] fpr = new long[32];
  final byte[] machinePriorities = new byte[INTERRUPTS];
  final byte[] supervisorPriorities = new byte[INTERRUPTS];
  long pc;
  long reservation;
  long reservedValue;
  long frm;
  long badAddress;
  long guestFaultAddress;
  long privilegedVersion;
  long vectorVersion;
  long misaMxl;
  long misaLetters;
  long misaMask;
  long privilege;
  long virtualised;
  long resetVector;
  long hartId;
  long mstatus;
  long mip;
  long claimed;
  long mie;
  long mvien;
  long mvip;
  long sie;
  long mideleg;
  long satp;
  long stval;
  long medeleg;
  long stvec;
  long sepc;
  long scause;
  long mtvec;
  long mepc;
  long mcause;
  long mtval;
  long miselect;
  long siselect;
  long scounteren;
  long mcounteren;
  long scountinhibit;
  long mcountinhibit;
  final CounterState[] counters = new CounterState[COUNTERS];
  final long[] events = new long[COUNTERS];
  final long[] eventsHigh = new long[COUNTERS];
  long sscratch;
  long mscratch;
  long stimecmp = -1;
  final PmpState[] pmp = new PmpState[Pmp.ENTRIES];
  long menvcfg;
  long senvcfg;
  long henvcfg;
  long trigger;
  final long[] tdata1 = new long[TRIGGERS];
  final long[] tdata2 = new long[TRIGGERS];
  final long[] tdata3 = new long[TRIGGERS];

  HartState() {
    for (int i = 0; i < COUNTERS; i++) {
      counters[i] = new CounterState();
    }
    for (int i = 0; i < Pmp.ENTRIES; i++) {
      pmp[i] = new PmpState();
    }
  }

  private static final StateDeclaration<CounterState> COUNTER =
      StateDeclaration.<CounterState>of("cpu/pmu", 2)
          .scalar("mhpmcounter_val", WireType.U64, s -> s.value, (s, v) -> s.value = v)
          .scalar("mhpmcounterh_val", WireType.U64, s -> s.high, (s, v) -> s.high = v)
          .scalar("mhpmcounter_prev", WireType.U64, s -> s.previous, (s, v) -> s.previous = v)
          .scalar(
              "mhpmcounterh_prev", WireType.U64, s -> s.previousHigh, (s, v) -> s.previousHigh = v)
          .build();

  private static final StateDeclaration<PmpState> PMP =
      StateDeclaration.<PmpState>of("cpu/pmp/entry", 1)
          .scalar("addr_reg", WireType.U64, s -> s.address, (s, v) -> s.address = v)
          .scalar("cfg_reg", WireType.U8, s -> s.config, (s, v) -> s.config = v)
          .build();

  /** The one declaration of a hart's state. */
  static final StateDeclaration<HartState> DECLARATION = declare();

  private static StateDeclaration<HartState> declare() {
    StateDeclaration.Builder<HartState> b =
        StateDeclaration.<HartState>of("cpu", 10).group("registers", ChangeClass.HOT);
    b.array("env.gpr", WireType.U64, 32, (s, i) -> s.gpr[i], (s, i, v) -> s.gpr[i] = v)
        .array("env.fpr", WireType.U64, 32, (s, i) -> s.fpr[i], (s, i, v) -> s.fpr[i] = v)
        .array(
            "env.miprio",
            WireType.U8,
            INTERRUPTS,
            (s, i) -> s.machinePriorities[i] & 0xff,
            (s, i, v) -> s.machinePriorities[i] = (byte) v)
        .array(
            "env.siprio",
            WireType.U8,
            INTERRUPTS,
            (s, i) -> s.supervisorPriorities[i] & 0xff,
            (s, i, v) -> s.supervisorPriorities[i] = (byte) v)
        .scalar("env.pc", WireType.U64, s -> s.pc, (s, v) -> s.pc = v)
        .scalar("env.load_res", WireType.U64, s -> s.reservation, (s, v) -> s.reservation = v)
        .scalar("env.load_val", WireType.U64, s -> s.reservedValue, (s, v) -> s.reservedValue = v)
        .scalar("env.frm", WireType.U64, s -> s.frm, (s, v) -> s.frm = v)
        .scalar("env.badaddr", WireType.U64, s -> s.badAddress, (s, v) -> s.badAddress = v)
        .scalar(
            "env.guest_phys_fault_addr",
            WireType.U64,
            s -> s.guestFaultAddress,
            (s, v) -> s.guestFaultAddress = v)
        .scalar(
            "env.priv_ver",
            WireType.U64,
            s -> s.privilegedVersion,
            (s, v) -> s.privilegedVersion = v)
        .scalar("env.vext_ver", WireType.U64, s -> s.vectorVersion, (s, v) -> s.vectorVersion = v)
        .scalar("env.misa_mxl", WireType.U32, s -> s.misaMxl, (s, v) -> s.misaMxl = v)
        .scalar("env.misa_ext", WireType.U32, s -> s.misaLetters, (s, v) -> s.misaLetters = v)
        .unused(4)
        .scalar("env.misa_ext_mask", WireType.U32, s -> s.misaMask, (s, v) -> s.misaMask = v)
        .scalar("env.priv", WireType.U64, s -> s.privilege, (s, v) -> s.privilege = v)
        .scalar("env.virt_enabled", WireType.BOOL, s -> s.virtualised, (s, v) -> s.virtualised = v)
        .scalar("env.resetvec", WireType.U64, s -> s.resetVector, (s, v) -> s.resetVector = v)
        .scalar("env.mhartid", WireType.U64, s -> s.hartId, (s, v) -> s.hartId = v)
        .scalar("env.mstatus", WireType.U64, s -> s.mstatus, (s, v) -> s.mstatus = v)
        .scalar("env.mip", WireType.U64, s -> s.mip, (s, v) -> s.mip = v)
        .scalar("env.miclaim", WireType.U64, s -> s.claimed, (s, v) -> s.claimed = v)
        .scalar("env.mie", WireType.U64, s -> s.mie, (s, v) -> s.mie = v)
        .scalar("env.mvien", WireType.U64, s -> s.mvien, (s, v) -> s.mvien = v)
        .scalar("env.mvip", WireType.U64, s -> s.mvip, (s, v) -> s.mvip = v)
        .scalar("env.sie", WireType.U64, s -> s.sie, (s, v) -> s.sie = v)
        .scalar("env.mideleg", WireType.U64, s -> s.mideleg, (s, v) -> s.mideleg = v)
        .scalar("env.satp", WireType.U64, s -> s.satp, (s, v) -> s.satp = v)
        .scalar("env.stval", WireType.U64, s -> s.stval, (s, v) -> s.stval = v)
        .scalar("env.medeleg", WireType.U64, s -> s.medeleg, (s, v) -> s.medeleg = v)
        .scalar("env.stvec", WireType.U64, s -> s.stvec, (s, v) -> s.stvec = v)
        .scalar("env.sepc", WireType.U64, s -> s.sepc, (s, v) -> s.sepc = v)
        .scalar("env.scause", WireType.U64, s -> s.scause, (s, v) -> s.scause = v)
        .scalar("env.mtvec", WireType.U64, s -> s.mtvec, (s, v) -> s.mtvec = v)
        .scalar("env.mepc", WireType.U64, s -> s.mepc, (s, v) -> s.mepc = v)
        .scalar("env.mcause", WireType.U64, s -> s.mcause, (s, v) -> s.mcause = v)
        .scalar("env.mtval", WireType.U64, s -> s.mtval, (s, v) -> s.mtval = v)
        .scalar("env.miselect", WireType.U64, s -> s.miselect, (s, v) -> s.miselect = v)
        .scalar("env.siselect", WireType.U64, s -> s.siselect, (s, v) -> s.siselect = v)
        .scalar("env.scounteren", WireType.U32, s -> s.scounteren, (s, v) -> s.scounteren = v)
        .scalar("env.mcounteren", WireType.U32, s -> s.mcounteren, (s, v) -> s.mcounteren = v)
        .scalar(
            "env.scountinhibit", WireType.U32, s -> s.scountinhibit, (s, v) -> s.scountinhibit = v)
        .scalar(
            "env.mcountinhibit", WireType.U32, s -> s.mcountinhibit, (s, v) -> s.mcountinhibit = v)
        .structs("env.pmu_ctrs", s -> COUNTERS, COUNTER, (s, i) -> s.counters[i])
        .array(
            "env.mhpmevent_val",
            WireType.U64,
            COUNTERS,
            (s, i) -> s.events[i],
            (s, i, v) -> s.events[i] = v)
        .array(
            "env.mhpmeventh_val",
            WireType.U64,
            COUNTERS,
            (s, i) -> s.eventsHigh[i],
            (s, i, v) -> s.eventsHigh[i] = v)
        .scalar("env.sscratch", WireType.U64, s -> s.sscratch, (s, v) -> s.sscratch = v)
        .scalar("env.mscratch", WireType.U64, s -> s.mscratch, (s, v) -> s.mscratch = v)
        .scalar("env.stimecmp", WireType.U64, s -> s.stimecmp, (s, v) -> s.stimecmp = v);
    b.subsection("cpu/pmp", 1, s -> true)
        .structs("env.pmp_state.pmp", s -> Pmp.ENTRIES, PMP, (s, i) -> s.pmp[i])
        .subsection("cpu/envcfg", 1, s -> true)
        .scalar("env.menvcfg", WireType.U64, s -> s.menvcfg, (s, v) -> s.menvcfg = v)
        .scalar("env.senvcfg", WireType.U64, s -> s.senvcfg, (s, v) -> s.senvcfg = v)
        .scalar("env.henvcfg", WireType.U64, s -> s.henvcfg, (s, v) -> s.henvcfg = v)
        .subsection("cpu/debug", 2, s -> true)
        .scalar("env.trigger_cur", WireType.U64, s -> s.trigger, (s, v) -> s.trigger = v)
        .array(
            "env.tdata1",
            WireType.U64,
            TRIGGERS,
            (s, i) -> s.tdata1[i],
            (s, i, v) -> s.tdata1[i] = v)
        .array(
            "env.tdata2",
            WireType.U64,
            TRIGGERS,
            (s, i) -> s.tdata2[i],
            (s, i, v) -> s.tdata2[i] = v)
        .array(
            "env.tdata3",
            WireType.U64,
            TRIGGERS,
            (s, i) -> s.tdata3[i],
            (s, i, v) -> s.tdata3[i] = v);
    return b.build();
  }
}
