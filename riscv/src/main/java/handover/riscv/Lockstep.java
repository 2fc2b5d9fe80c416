package handover.riscv;

/**
 * Executes each region twice: translated, then the same instructions by the interpreter, from the
 * same state. What the guest would see must be equal: registers, the place reached, the trap taken,
 * and every access to memory with its address, size and value.
 *
 * <p>Memory and devices are touched once. All accesses of the first execution go the slow way and
 * are noted; the second one gets the values that were noted, so that devices, other harts and time
 * cannot make a difference.
 */
final class Lockstep {
  /** Registers that instructions outside the privileged architecture can change. */
  private static final class State {
    private final long[] x = new long[Decoded.SINK];
    private final long[] f = new long[32];
    private long mstatus;
    private int flags;
    private long reservation;
    private long reservedValue;
    private long pc;

    void take(Registers r, long pc) {
      System.arraycopy(r.x, 0, x, 0, x.length);
      System.arraycopy(r.f, 0, f, 0, f.length);
      mstatus = r.mstatus;
      flags = r.flags.accrued;
      reservation = r.reservation;
      reservedValue = r.reservedValue;
      this.pc = pc;
    }

    void restore(Registers r) {
      System.arraycopy(x, 0, r.x, 0, x.length);
      System.arraycopy(f, 0, r.f, 0, f.length);
      r.mstatus = mstatus;
      r.flags.accrued = flags;
      r.reservation = reservation;
      r.reservedValue = reservedValue;
      r.pc = pc;
    }
  }

  private static final int NONE = -1;

  private final Registers r;
  private final Mmu mmu;
  private final Counters counters;
  private final Interpreter interpreter;
  private final Trap trap;
  private final State before = new State();
  private final State translated = new State();
  private final State interpreted = new State();
  private long entered;
  private int executed;
  private long compared;

  Lockstep(Registers registers, Mmu mmu, Counters counters, Interpreter interpreter, Trap trap) {
    this.r = registers;
    this.mmu = mmu;
    this.counters = counters;
    this.interpreter = interpreter;
    this.trap = trap;
  }

  /** Regions compared so far. */
  long compared() {
    return compared;
  }

  /**
   * Runs a region as {@link TranslatedCode#run} does, then compares.
   *
   * @throws IllegalStateException saying what differs, and where the region was entered
   */
  long run(Entrances.Entrance region, Dispatcher dispatcher, long pc) {
    int budget = dispatcher.left;
    entered = pc;
    before.take(r, pc);
    Journal journal = mmu.record();
    int context = dispatcher.context;
    dispatcher.context = mmu.dataContext();
    long next = region.code.run(dispatcher, pc - region.offset, budget, region.entry);
    boolean faulted = next == TranslatedCode.FAULTED;
    int cause = faulted ? trap.cause() : NONE;
    long value = faulted ? trap.value() : 0;
    translated.take(r, faulted ? r.pc : next);
    executed = budget - dispatcher.left;

    dispatcher.context = context;
    before.restore(r);
    journal.replay();
    int interpretedCause = interpret(executed + (faulted ? 1 : 0));
    same("the cause of a trap", cause, interpretedCause);
    if (faulted) {
      same("mtval", value, trap.value());
    }
    interpreted.take(r, r.pc);
    compare();
    if (!journal.complete()) {
      throw new IllegalStateException(where() + ": the interpreter " + journal.missed());
    }
    compared++;
    trap.with(cause, value);
    return next;
  }

  /** Executes exactly so many instructions; returns the cause of the trap, if there was one. */
  private int interpret(int instructions) {
    counters.left = instructions;
    try {
      while (counters.left > 0) {
        interpreter.execute();
      }
      return NONE;
    } catch (Trap t) {
      return t.cause();
    }
  }

  private void compare() {
    for (int i = 0; i < translated.x.length; i++) {
      if (translated.x[i] != interpreted.x[i]) {
        throw different("x" + i, translated.x[i], interpreted.x[i]);
      }
    }
    for (int i = 0; i < translated.f.length; i++) {
      if (translated.f[i] != interpreted.f[i]) {
        throw different("f" + i, translated.f[i], interpreted.f[i]);
      }
    }
    same("mstatus", translated.mstatus, interpreted.mstatus);
    same("fflags", translated.flags, interpreted.flags);
    same("the reservation", translated.reservation, interpreted.reservation);
    same("the reserved value", translated.reservedValue, interpreted.reservedValue);
    same("pc", translated.pc, interpreted.pc);
  }

  private void same(String what, long translatedValue, long interpretedValue) {
    if (translatedValue != interpretedValue) {
      throw different(what, translatedValue, interpretedValue);
    }
  }

  private IllegalStateException different(String what, long ofTranslated, long ofInterpreted) {
    return new IllegalStateException(
        "%s: %s is 0x%x translated, 0x%x interpreted"
            .formatted(where(), what, ofTranslated, ofInterpreted));
  }

  private String where() {
    return "region entered at 0x%x, %d instructions".formatted(entered, executed);
  }
}
