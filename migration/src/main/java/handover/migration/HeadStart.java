package handover.migration;

import handover.memory.Background;

/**
 * Memory's head start: its first round has the processors to itself, for a moment at least, before
 * the rehearsal and the compilers that it keeps busy want them, too. What is slowed down by the
 * network and not by processors is not waited for.
 */
final class HeadStart implements AutoCloseable {
  private static final long LONGEST_NANOS = 1_000_000_000L;

  private final Runnable after;
  private final long began = System.nanoTime();
  private boolean over;
  private boolean resting = true;

  /**
   * Begins now.
   *
   * @param after done once when it is over
   */
  HeadStart(Runnable after) {
    this.after = after;
    Background.rest();
  }

  /** Ends it if it has lasted long enough. */
  void look() {
    if (!over && System.nanoTime() - began >= LONGEST_NANOS) {
      end();
    }
  }

  /** Ends it, unless it is over. */
  void end() {
    if (!over) {
      close();
      after.run();
    }
  }

  /** Nothing is to be done after it. What can wait waits on until it is closed. */
  void cancel() {
    over = true;
  }

  /** What can wait goes on, if it has not begun to. */
  @Override
  public void close() {
    over = true;
    if (resting) {
      resting = false;
      Background.goOn();
    }
  }
}
