package handover.riscv;

import java.util.Arrays;

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
  private record State(
      long[] x, long[] f, long mstatus, int flags, long reservation, long reservedValue, long pc) {
    static State of(Registers r, long pc) {
      return new State(
          Arrays.copyOf(r.x, Decoded.SINK),
          r.f.clone(),
          r.mstatus,
          r.flags.accrued,
          r.reservation,
          r.reservedValue,
          pc);
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

    void compare(State other, String where) {
      for (int i = 0; i < x.length; i++) {
        same("x" + i, x[i], other.x[i], where);
      }
      for (int i = 0; i < f.length; i++) {
        same("f" + i, f[i], other.f[i], where);
      }
      same("mstatus", mstatus, other.mstatus, where);
      same("fflags", flags, other.flags, where);
      same("the reservation", reservation, other.reservation, where);
      same("the reserved value", reservedValue, other.reservedValue, where);
      same("pc", pc, other.pc, where);
    }

    private static void same(String what, long translated, long interpreted, String where) {
      if (translated != interpreted) {
        throw new IllegalStateException(
            "%s: %s is 0x%x translated, 0x%x interpreted"
                .formatted(where, what, translated, interpreted));
      }
    }
  }

  private static final int NONE = -1;

  private final Registers r;
  private final Mmu mmu;
  private final Counters counters;
  private final Interpreter interpreter;
  private final Trap trap;
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
  long run(Region region, Dispatcher dispatcher, long pc) {
    int budget = dispatcher.left;
    State before = State.of(r, pc);
    Journal journal = mmu.record();
    long tlb = dispatcher.tlb;
    dispatcher.tlb = mmu.dataTlb();
    long next = region.code.run(dispatcher, pc - region.offset, budget, region.entry);
    boolean faulted = next == TranslatedCode.FAULTED;
    int cause = faulted ? trap.cause() : NONE;
    long value = faulted ? trap.value() : 0;
    State translated = State.of(r, faulted ? r.pc : next);
    int executed = budget - dispatcher.left;
    String where = "region entered at 0x%x, %d instructions".formatted(pc, executed);

    dispatcher.tlb = tlb;
    before.restore(r);
    journal.replay();
    int interpretedCause = interpret(executed + (faulted ? 1 : 0));
    mmu.endJournal();
    State.same("the cause of a trap", cause, interpretedCause, where);
    if (faulted) {
      State.same("mtval", value, trap.value(), where);
    }
    translated.compare(State.of(r, r.pc), where);
    journal.finish(where);
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
}
