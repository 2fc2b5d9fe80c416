package handover.migration;

/**
 * Memory's head start: its first round has the processors to itself, for a moment at least, before
 * the rehearsal and the compilers that it keeps busy want them, too. What is slowed down by the
 * network and not by processors is not waited for.
 */
final class HeadStart {
  private static final long LONGEST_NANOS = 1_000_000_000L;

  private final Runnable after;
  private final long began = System.nanoTime();
  private boolean over;

  /**
   * Begins now.
   *
   * @param after done once when it is over
   */
  HeadStart(Runnable after) {
    this.after = after;
  }

  /** Ends it if it has lasted long enough. */
  void look() {
    if (!over && System.nanoTime() - began >= LONGEST_NANOS) {
      end();
    }
  }

  /** Ends it, unless it is over. */
  void end() {
    if (cancel()) {
      after.run();
    }
  }

  /** Nothing is to be done after it; whether it was not over. */
  boolean cancel() {
    boolean was = !over;
    over = true;
    return was;
  }
}
