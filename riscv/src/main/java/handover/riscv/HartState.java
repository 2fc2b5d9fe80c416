package handover.riscv;

import static handover.vmstate.QemuRelease.QEMU_10_0;
import static handover.vmstate.QemuRelease.QEMU_10_2;
import static handover.vmstate.QemuRelease.QEMU_11_1;
import static handover.vmstate.QemuRelease.QEMU_7_2;

import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.Versions;
import handover.vmstate.Width;
import handover.vmstate.WireType;
import java.util.Map;

/**
 * A hart's registers as migration carries them: section {@code cpu}, of which QEMU has a version
 * for nearly every release.
 *
 * <p>Fields the hart has no use for hold what a hart without that extension has, or what came with
 * the guest from a QEMU, to which it may return.
 */
public final class HartState {
  private static final int COUNTERS = 32;
  private static final int INTERRUPTS = 64;
  private static final int TRIGGERS = 2;

  /** QEMU 11.1 has room for more entries than a hart of ours; they stay switched off. */
  private static final int PMP_ROOM = 64;

  private static final Versions SECTION =
      Versions.since(QEMU_7_2, 5).then(QEMU_10_0, 10).then(QEMU_11_1, 12);

  private static final Width NARROW_COUNTER_ENABLE = WireType.U64.then(QEMU_10_0, WireType.U32);

  private static Width narrowed(WireType after) {
    return WireType.U64.then(QEMU_11_1, after);
  }

  /** An extended 64-bit counter of which only the first word is used by a 64-bit hart. */
  static final class CounterState {
    long value;
    long high;
    long previous;
    long previousHigh;
    long started;
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

  /** Which parts a hart of QEMU 7.2 has; loading a hart there without them would take them away. */
  long parts;

  long privilege;
  long virtualised;
  long resetVector;
  long hartId;
  long mstatus;
  long mip;

  /** Whether the hart's machine timer is armed; not a field, but see {@link #wokenUp}. */
  boolean timerArmed;

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
  long fromHost;
  long toHost;
  long stimecmp;
  final PmpState[] pmp = new PmpState[PMP_ROOM];
  long menvcfg;
  long senvcfg;
  long henvcfg;
  long machineContext;
  long trigger;
  final long[] tdata1 = new long[TRIGGERS];
  final long[] tdata2 = new long[TRIGGERS];
  final long[] tdata3 = new long[TRIGGERS];

  HartState() {
    for (int i = 0; i < COUNTERS; i++) {
      counters[i] = new CounterState();
    }
    for (int i = 0; i < PMP_ROOM; i++) {
      pmp[i] = new PmpState();
    }
  }

  /**
   * Interrupts pending for a QEMU before 10.2, which would let an armed timer pass in silence. One
   * that seems to have expired makes the guest look, find that it is early, and arm it anew; guests
   * are used to that (privileged specification, 3.2.1: spurious timer interrupts).
   */
  private long wokenUp() {
    return timerArmed ? mip | 1L << InterruptLines.MTIP : mip;
  }

  private static final StateDeclaration<CounterState> COUNTER =
      StateDeclaration.<CounterState>of(
              "cpu/pmu", Versions.since(QEMU_7_2, 1).then(QEMU_10_0, 2).then(QEMU_11_1, 3))
          .scalar("mhpmcounter_val", WireType.U64, s -> s.value, (s, v) -> s.value = v)
          .until(QEMU_10_2)
          .scalar("mhpmcounterh_val", WireType.U64, s -> s.high, (s, v) -> s.high = v)
          .always()
          .scalar("mhpmcounter_prev", WireType.U64, s -> s.previous, (s, v) -> s.previous = v)
          .until(QEMU_10_2)
          .scalar(
              "mhpmcounterh_prev", WireType.U64, s -> s.previousHigh, (s, v) -> s.previousHigh = v)
          .until(QEMU_7_2)
          .scalar("started", WireType.BOOL, s -> s.started, (s, v) -> s.started = v)
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
        StateDeclaration.<HartState>of("cpu", SECTION).group("registers", ChangeClass.HOT);
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
        .scalar("env.frm", narrowed(WireType.U8), s -> s.frm, (s, v) -> s.frm = v)
        .scalar("env.badaddr", WireType.U64, s -> s.badAddress, (s, v) -> s.badAddress = v)
        .scalar(
            "env.guest_phys_fault_addr",
            WireType.U64,
            s -> s.guestFaultAddress,
            (s, v) -> s.guestFaultAddress = v)
        .scalar(
            "env.priv_ver",
            narrowed(WireType.U32),
            s -> s.privilegedVersion,
            (s, v) -> s.privilegedVersion = v)
        .scalar(
            "env.vext_ver",
            narrowed(WireType.U32),
            s -> s.vectorVersion,
            (s, v) -> s.vectorVersion = v)
        .scalar("env.misa_mxl", WireType.U32, s -> s.misaMxl, (s, v) -> s.misaMxl = v)
        .scalar("env.misa_ext", WireType.U32, s -> s.misaLetters, (s, v) -> s.misaLetters = v)
        .until(QEMU_7_2)
        .scalar("env.misa_mxl_max", WireType.U32, s -> s.misaMxl, (s, v) -> {})
        .since(QEMU_10_0)
        .unused(4)
        .always()
        .scalar("env.misa_ext_mask", WireType.U32, s -> s.misaMask, (s, v) -> s.misaMask = v)
        .until(QEMU_7_2)
        .scalar("env.features", WireType.U32, s -> s.parts, (s, v) -> s.parts = v)
        .always()
        .scalar("env.priv", narrowed(WireType.U8), s -> s.privilege, (s, v) -> s.privilege = v)
        .until(QEMU_7_2)
        .scalar("env.virt", WireType.U64, s -> s.virtualised, (s, v) -> s.virtualised = v)
        .since(QEMU_10_0)
        .scalar("env.virt_enabled", WireType.BOOL, s -> s.virtualised, (s, v) -> s.virtualised = v)
        .always()
        .scalar("env.resetvec", WireType.U64, s -> s.resetVector, (s, v) -> s.resetVector = v)
        .scalar("env.mhartid", WireType.U64, s -> s.hartId, (s, v) -> s.hartId = v)
        .scalar("env.mstatus", WireType.U64, s -> s.mstatus, (s, v) -> s.mstatus = v)
        .until(QEMU_10_0)
        .scalar("env.mip", WireType.U64, HartState::wokenUp, (s, v) -> s.mip = v)
        .since(QEMU_10_2)
        .scalar("env.mip", WireType.U64, s -> s.mip, (s, v) -> s.mip = v)
        .always()
        .scalar("env.miclaim", WireType.U64, s -> s.claimed, (s, v) -> s.claimed = v)
        .scalar("env.mie", WireType.U64, s -> s.mie, (s, v) -> s.mie = v)
        .since(QEMU_10_0)
        .scalar("env.mvien", WireType.U64, s -> s.mvien, (s, v) -> s.mvien = v)
        .scalar("env.mvip", WireType.U64, s -> s.mvip, (s, v) -> s.mvip = v)
        .scalar("env.sie", WireType.U64, s -> s.sie, (s, v) -> s.sie = v)
        .always()
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
        .scalar("env.miselect", narrowed(WireType.U16), s -> s.miselect, (s, v) -> s.miselect = v)
        .scalar("env.siselect", narrowed(WireType.U16), s -> s.siselect, (s, v) -> s.siselect = v)
        .scalar(
            "env.scounteren", NARROW_COUNTER_ENABLE, s -> s.scounteren, (s, v) -> s.scounteren = v)
        .scalar(
            "env.mcounteren", NARROW_COUNTER_ENABLE, s -> s.mcounteren, (s, v) -> s.mcounteren = v)
        .since(QEMU_10_0)
        .scalar(
            "env.scountinhibit", WireType.U32, s -> s.scountinhibit, (s, v) -> s.scountinhibit = v)
        .always()
        .scalar(
            "env.mcountinhibit",
            NARROW_COUNTER_ENABLE,
            s -> s.mcountinhibit,
            (s, v) -> s.mcountinhibit = v)
        .structs("env.pmu_ctrs", s -> COUNTERS, COUNTER, (s, i) -> s.counters[i])
        .array(
            "env.mhpmevent_val",
            WireType.U64,
            COUNTERS,
            (s, i) -> s.events[i],
            (s, i, v) -> s.events[i] = v)
        .until(QEMU_10_2)
        .array(
            "env.mhpmeventh_val",
            WireType.U64,
            COUNTERS,
            (s, i) -> s.eventsHigh[i],
            (s, i, v) -> s.eventsHigh[i] = v)
        .always()
        .scalar("env.sscratch", WireType.U64, s -> s.sscratch, (s, v) -> s.sscratch = v)
        .scalar("env.mscratch", WireType.U64, s -> s.mscratch, (s, v) -> s.mscratch = v)
        .until(QEMU_7_2)
        .scalar("env.mfromhost", WireType.U64, s -> s.fromHost, (s, v) -> s.fromHost = v)
        .scalar("env.mtohost", WireType.U64, s -> s.toHost, (s, v) -> s.toHost = v)
        .always()
        .scalar("env.stimecmp", WireType.U64, s -> s.stimecmp, (s, v) -> s.stimecmp = v);
    b.subsection("cpu/pmp", Versions.always(1).then(QEMU_11_1, 2), s -> true)
        .until(QEMU_10_2)
        .structs("env.pmp_state.pmp", s -> Pmp.ENTRIES, PMP, (s, i) -> s.pmp[i])
        .since(QEMU_11_1)
        .structs("env.pmp_state.pmp", s -> PMP_ROOM, PMP, (s, i) -> s.pmp[i])
        .always()
        .subsection("cpu/envcfg", Versions.always(1).then(QEMU_11_1, 2), s -> true)
        .scalar("env.menvcfg", WireType.U64, s -> s.menvcfg, (s, v) -> s.menvcfg = v)
        .scalar("env.senvcfg", WireType.U64, s -> s.senvcfg, (s, v) -> s.senvcfg = v)
        .scalar("env.henvcfg", WireType.U64, s -> s.henvcfg, (s, v) -> s.henvcfg = v)
        .subsection("cpu/debug", Versions.always(2).then(QEMU_11_1, 4), s -> true)
        .since(QEMU_11_1)
        .scalar("env.mcontext", WireType.U16, s -> s.machineContext, (s, v) -> s.machineContext = v)
        .always()
        .scalar("env.trigger_cur", narrowed(WireType.U8), s -> s.trigger, (s, v) -> s.trigger = v)
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
    return refuse(b).build();
  }

  /** What QEMU's hart has and ours has not, each with the switch that takes it away. */
  private static StateDeclaration.Builder<HartState> refuse(StateDeclaration.Builder<HartState> b) {
    Map<String, String> switches =
        Map.of(
            "cpu/hyper",
            "h",
            "cpu/vector",
            "v",
            "cpu/timer",
            "sstc",
            "cpu/jvt",
            "zcmt",
            "cpu/elp",
            "zicfilp",
            "cpu/ssp",
            "zicfiss",
            "cpu/smstateen",
            "smstateen",
            "cpu/ctr",
            "smctr");
    switches.forEach(
        (part, name) ->
            b.refused(part, "start the source with '-cpu rv64,%s=off'".formatted(name)));
    return b.refused("cpu/kvmtimer", "start the source without KVM")
        .refused("cpu/pointer_masking", "start the source without the J extension");
  }
}
