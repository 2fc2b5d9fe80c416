package handover.riscv;

import handover.memory.GuestMemory;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * One RV64GC hart with M, S and U modes (privileged specification 1.12).
 *
 * <p>One thread at a time calls {@link #run}. While it runs, other threads may drive interrupt
 * wires, ask it to exit and read the instruction count; all else is for when it is parked, that is,
 * while {@code run} is not being executed, or sleeps in WFI and is kept there ({@link Sleep}).
 */
public final class Hart implements Migratable<HartState> {
  /** Who wants to know when {@link #run} sleeps: on the hart's thread, around each WFI. */
  public interface Sleep {
    /** Whoever does not care. */
    Sleep UNNOTICED =
        new Sleep() {
          @Override
          public void begins() {}

          @Override
          public void ends() {}
        };

    /** The hart is at an instruction boundary, and stays there until {@link #ends} returns. */
    void begins();

    /** There may be something to do, and there is if this returns. */
    void ends();
  }

  private static final int SLICE = Dispatcher.SLICE;

  private final int id;
  private final Registers registers = new Registers();
  private final InterruptLines lines = new InterruptLines();
  private final Counters counters = new Counters();
  private final Pmp pmp = new Pmp();
  private final Trap trap = new Trap();
  private final Mmu mmu;
  private final PageTables tables;
  private final CsrFile csrs;
  private final TrapUnit traps;
  private final Dispatcher dispatcher;
  private final HartStateCodec codec;
  private BooleanSupplier timerArmed = () -> false;

  private Sleep sleep = Sleep.UNNOTICED;
  private volatile boolean exitRequested;
  private volatile Thread sleeper;

  /**
   * A hart, reset to address 0.
   *
   * @param id mhartid, and the instance id of its migration sections
   * @param features what it offers
   * @param memory RAM and ROM; its layout must be complete
   * @param bus what lies behind all other addresses
   * @param mtime the machine timer's current value, for CSR 0xc01
   * @param group shared by all harts of the machine
   */
  public Hart(
      int id,
      CpuFeatures features,
      GuestMemory memory,
      PhysicalBus bus,
      LongSupplier mtime,
      HartGroup group) {
    this.id = id;
    tables = new PageTables(memory);
    mmu = new Mmu(registers, memory, bus, pmp, group.codeCache(memory, features), trap);
    csrs = new CsrFile(id, features, registers, lines, mmu, pmp, counters, mtime);
    traps = new TrapUnit(registers, csrs, mmu);
    SystemOps system = new SystemOps(registers, csrs, traps, mmu, trap);
    dispatcher =
        new Dispatcher(
            registers,
            mmu,
            counters,
            system,
            new Interpreter(features, registers, mmu, counters, system, trap),
            trap,
            () -> exitRequested || (csrs.pending() & registers.mie) != 0,
            group.translator(features));
    codec = new HartStateCodec(id, features, registers, lines, pmp, counters);
    reset(0);
  }

  /** mhartid. */
  public int id() {
    return id;
  }

  /** Puts a parked hart into the state after power-on, in M mode at {@code pc}, registers zero. */
  public void reset(long pc) {
    registers.reset(pc);
    pmp.reset();
    counters.reset();
    codec.forget();
    flushTranslations();
  }

  /**
   * Has migration ask {@code armed} whether this hart's machine timer will expire: some releases of
   * QEMU have to be told. Before anything is saved.
   */
  public void onTimerAsked(BooleanSupplier armed) {
    timerArmed = armed;
    codec.timerArmed(armed);
  }

  /** Tells {@code noticed} of each sleep. Before it runs. */
  public void onSleep(Sleep noticed) {
    sleep = noticed;
  }

  /**
   * Gives the hart interrupt files, and with them Smaia and Ssaia. Before it runs.
   *
   * @param machine drives bit 11 of mip, {@code supervisor} bit 9
   */
  public void attach(InterruptFile machine, InterruptFile supervisor) {
    AdvancedInterrupts.declare(registers, csrs, machine, supervisor);
  }

  /** Sets an integer register of a parked hart; x0 stays zero. */
  public void setRegister(int number, long value) {
    if (number != 0) {
      registers.x[number] = value;
    }
  }

  /** How the hart reaches memory, for tests that look inside. */
  Mmu mmu() {
    return mmu;
  }

  /** An integer register of a parked hart. */
  public long register(int number) {
    return registers.x[number];
  }

  /** The program counter of a parked hart. */
  public long pc() {
    return registers.pc;
  }

  /**
   * The physical address behind a virtual one in a parked hart's mode and address space, found
   * without leaving a trace; empty if nothing is mapped there.
   */
  public Optional<Long> physical(long virtual) {
    return registers.privilege == Privilege.MACHINE
        ? Optional.of(virtual)
        : tables.physical(registers.satp, virtual);
  }

  /** Executes until an exit is requested; returns between two instructions. Sleeps in WFI. */
  public void run() {
    while (!exitRequested) {
      if (registers.waiting && !wake()) {
        sleep();
      } else {
        traps.interrupt();
        slice();
      }
    }
  }

  /** Executes about so many instructions, whatever is pending. */
  void execute(int instructions) {
    for (int left = instructions; left > 0; left -= SLICE) {
      slice();
    }
  }

  private void slice() {
    counters.budget = SLICE;
    try {
      dispatcher.execute();
      counters.settle();
    } catch (Trap t) {
      counters.settle();
      traps.exception(t.cause(), t.value());
    }
  }

  /** Ends a WFI if an interrupt is pending that mie lets through, whatever mstatus says. */
  private boolean wake() {
    registers.waiting = (csrs.pending() & registers.mie) == 0;
    return !registers.waiting;
  }

  private void sleep() {
    sleep.begins();
    sleeper = Thread.currentThread();
    if (!exitRequested && (csrs.pending() & registers.mie) == 0) {
      LockSupport.park(this);
    }
    sleeper = null;
    sleep.ends();
  }

  /** Has a hart that sleeps look again whether there is something to do. Any thread. */
  public void rouse() {
    Thread asleep = sleeper;
    if (asleep != null) {
      LockSupport.unpark(asleep);
    }
  }

  /** Makes {@link #run} return soon, or at once when it is called next. Any thread. */
  public void requestExit() {
    exitRequested = true;
    rouse();
  }

  /** Takes {@link #requestExit} back. Any thread. */
  public void clearExitRequest() {
    exitRequested = false;
  }

  /**
   * Drives an interrupt wire; any thread, without a lock.
   *
   * @param bit its number in mip: 3 (MSIP), 7 (MTIP), 9 (SEIP) or 11 (MEIP)
   */
  public void setInterrupt(int bit, boolean asserted) {
    if ((InterruptLines.EXTERNAL >>> bit & 1) == 0) {
      throw new IllegalArgumentException(
          "no wire drives bit " + bit + " of mip; use 3, 7, 9 or 11");
    }
    if (lines.set(bit, asserted) && asserted) {
      rouse();
    }
  }

  /** Whether a wire is asserted; any thread. */
  public boolean interrupt(int bit) {
    return (lines.asserted() >>> bit & 1) != 0;
  }

  /** Makes the next store to every page visible to the dirty log. The hart must be parked. */
  public void dropWritePermissions() {
    mmu.dropWritePermissions();
  }

  /** Forgets translations and decoded code: memory was replaced. The hart must be parked. */
  public void flushTranslations() {
    mmu.flushAll();
    mmu.synchroniseCode();
    mmu.contextChanged();
  }

  /** Instructions retired since the hart was made, to within the current slice. Any thread. */
  public long instructions() {
    return counters.retired();
  }

  // ---- migration

  @Override
  public String sectionName() {
    return "cpu";
  }

  @Override
  public int instanceId() {
    return id;
  }

  @Override
  public StateDeclaration<HartState> declaration() {
    return HartState.DECLARATION;
  }

  @Override
  public HartState snapshot() {
    return codec.save();
  }

  @Override
  public HartState blank() {
    return codec.blank();
  }

  @Override
  public HartState savedAgain(HartState arrived) {
    arrived.timerArmed = timerArmed.getAsBoolean();
    return arrived;
  }

  @Override
  public void commit(HartState state) {
    codec.load(state);
    flushTranslations();
  }

  /** The section {@code cpu_common}, which comes before {@code cpu}. */
  public Migratable<HartCommonState> common() {
    return new Common();
  }

  private final class Common implements Migratable<HartCommonState> {
    @Override
    public String sectionName() {
      return "cpu_common";
    }

    @Override
    public int instanceId() {
      return id;
    }

    @Override
    public StateDeclaration<HartCommonState> declaration() {
      return HartCommonState.DECLARATION;
    }

    @Override
    public HartCommonState snapshot() {
      HartCommonState state = new HartCommonState();
      state.halted = registers.waiting ? 1 : 0;
      state.interruptRequest = csrs.pending() != 0 ? HartCommonState.HARD : 0;
      state.timerArmed = timerArmed.getAsBoolean();
      return state;
    }

    @Override
    public HartCommonState blank() {
      return new HartCommonState();
    }

    @Override
    public HartCommonState savedAgain(HartCommonState arrived) {
      arrived.timerArmed = timerArmed.getAsBoolean();
      return arrived;
    }

    @Override
    public void commit(HartCommonState state) {
      registers.waiting = state.halted != 0;
    }
  }
}
