package handover.riscv;

/**
 * Waits until HotSpot has compiled a region, before the guest enters it: HotSpot's interpreter
 * executes guest code several times slower than ours. The region is called without a budget, which
 * does nothing, until calls take less time than they did at first.
 */
final class Ripening {
  /** Between two looks. */
  static final int PAUSE_MICROS = 1000;

  /** The guest is not kept waiting for a compiler that has too much to do. */
  static final int MOST_LOOKS = 50;

  /** So many have HotSpot's quick compiler take it on, unless that has much to do. */
  private static final int FIRST_CALLS = 256;

  private static final int CALLS = 32;

  private final TranslatedCode code;
  private final long longest;
  private int looks;

  /** Begins it, with code that was never called. */
  Ripening(TranslatedCode code) {
    this.code = code;
    longest = time(FIRST_CALLS) * CALLS / FIRST_CALLS / 2;
  }

  /** Whether it seems to be compiled, or that takes too long. A wrong answer costs time only. */
  boolean isOver() {
    return ++looks > MOST_LOOKS || time(CALLS) < longest;
  }

  private long time(int calls) {
    long begin = System.nanoTime();
    code.call(calls);
    return System.nanoTime() - begin;
  }
}
