package handover.riscv;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Retired instructions, and mcycle and minstret, which both count them.
 *
 * <p>The interpreter counts down a local budget; what it has used is added here when it returns,
 * and is known at each slow path through {@link #left}.
 */
final class Counters {
  static final long CYCLE = 1;
  static final long INSTRET = 4;

  private final AtomicLong retired = new AtomicLong();

  /** Instructions the interpreter may retire in the current slice. */
  int budget;

  /** How many of them were left when a slow path was taken: the current one included. */
  int left;

  private long inhibit;
  private long cycleOffset;
  private long instretOffset;

  void reset() {
    inhibit = 0;
    cycleOffset = -retiredNow();
    instretOffset = cycleOffset;
  }

  /** Instructions retired up to the end of the last slice; any thread. */
  long retired() {
    return retired.get();
  }

  /** Ends a slice. */
  void settle() {
    retired.setRelease(retired.getPlain() + budget - left);
    budget = 0;
    left = 0;
  }

  /** Instructions retired before the one at hand. */
  long retiredNow() {
    return retired.getPlain() + budget - left;
  }

  long cycle() {
    return (inhibit & CYCLE) != 0 ? cycleOffset : retiredNow() + cycleOffset;
  }

  long instret() {
    return (inhibit & INSTRET) != 0 ? instretOffset : retiredNow() + instretOffset;
  }

  /** The next instruction reads {@code value}. */
  void setCycle(long value) {
    cycleOffset = (inhibit & CYCLE) != 0 ? value : value - retiredNext();
  }

  /** The next instruction reads {@code value}. */
  void setInstret(long value) {
    instretOffset = (inhibit & INSTRET) != 0 ? value : value - retiredNext();
  }

  long inhibited() {
    return inhibit;
  }

  void setInhibited(long value) {
    long cycle = cycle();
    long instret = instret();
    inhibit = value & (CYCLE | INSTRET);
    setCycle(cycle);
    setInstret(instret);
  }

  private long retiredNext() {
    return retiredNow() + (budget == 0 ? 0 : 1);
  }
}
