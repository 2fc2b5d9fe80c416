package handover.migration;

import handover.vmstate.StreamException;

/**
 * Gets the destination ready for what is hot in the guest, on a thread beside the stream. What the
 * source said may be nonsense: then nothing is gained, and the guest moves all the same.
 */
final class Warming {
  private static final System.Logger LOG = System.getLogger(Warming.class.getName());
  private static final long QUIET_NANOS = 60_000_000L;
  private static final long LONGEST_COMPILING_NANOS = 2_000_000_000L;

  private final MigratableMachine machine;
  private final Runnable after;
  private Thread thread;
  private int awaited = 2;
  private volatile boolean enough;

  /**
   * Waits for news.
   *
   * @param after done, once, when what is hot is ready and the rehearsal is over
   */
  Warming(MigratableMachine machine, Runnable after) {
    this.machine = machine;
    this.after = after;
  }

  /** The rehearsal is over. */
  void rehearsed() {
    done();
  }

  /** Begins; more than once is refused. */
  synchronized void heard(byte[] hotCode) {
    if (thread != null) {
      throw new StreamException("the source told twice where its guest is hot; once is expected");
    }
    thread = Thread.ofPlatform().daemon().name("migration-warm").start(() -> run(hotCode));
  }

  private void run(byte[] hotCode) {
    try {
      machine.warmUp(hotCode, () -> enough);
      var unused = CompilerThreads.awaitQuiet(QUIET_NANOS, LONGEST_COMPILING_NANOS, () -> enough);
    } catch (RuntimeException e) {
      String words = e instanceof StreamException ? e.getMessage() : e.toString();
      LOG.log(System.Logger.Level.WARNING, "not warmed up for the guest: " + words);
    } finally {
      done();
    }
  }

  private void done() {
    synchronized (this) {
      awaited--;
      if (awaited != 0) {
        return;
      }
    }
    after.run();
  }

  /** Ends it; returns when nothing of it runs any more. */
  void finish() {
    enough = true;
    Thread begun;
    synchronized (this) {
      begun = thread;
    }
    if (begun != null) {
      try {
        begun.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
