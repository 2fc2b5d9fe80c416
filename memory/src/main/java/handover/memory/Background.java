package handover.memory;

/**
 * Work that makes this process faster later, such as rehearsals: it leaves the processors to what a
 * guest waits for now. Any thread.
 */
public final class Background {
  private static int rests;

  private Background() {}

  /** Has it rest, as the processors are needed more for something else, until {@link #goOn}. */
  public static synchronized void rest() {
    rests++;
  }

  /** Ends one {@link #rest}. */
  public static synchronized void goOn() {
    rests--;
    Background.class.notifyAll();
  }

  /**
   * Called now and then by a thread that does such work: returns when it may go on.
   *
   * @return how long that took, in nanoseconds
   */
  public static synchronized long awaitTurn() {
    long began = System.nanoTime();
    boolean interrupted = false;
    while (rests > 0 && !interrupted) {
      try {
        Background.class.wait();
      } catch (InterruptedException e) {
        interrupted = true;
        Thread.currentThread().interrupt();
      }
    }
    return System.nanoTime() - began;
  }
}
