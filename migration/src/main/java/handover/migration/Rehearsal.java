package handover.migration;

import java.util.ArrayList;
import java.util.List;

/**
 * Does again and again, to no effect and beside the stream, what will have to be done while the
 * guest stands still. In a JVM, code that runs for the first time is slow by orders of magnitude.
 */
final class Rehearsal {
  private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());
  private static final long LONGEST_NANOS = 300_000_000L;
  private static final int MOST_REPEATS = 500;

  private final List<Runnable> scenes;
  private final Thread thread;
  private volatile boolean enough;

  /** Begins at once. A scene that fails is not repeated: a blank state need not be loadable. */
  Rehearsal(List<Runnable> scenes) {
    this.scenes = new ArrayList<>(scenes);
    this.thread = Thread.ofPlatform().daemon().name("migration-rehearse").start(this::run);
  }

  /** Ends it; returns when nothing of it runs any more. */
  void finish() {
    enough = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long deadline = System.nanoTime() + LONGEST_NANOS;
    for (int i = 0; i < MOST_REPEATS && !scenes.isEmpty(); i++) {
      scenes.removeIf(scene -> !play(scene));
      if (enough || System.nanoTime() - deadline >= 0) {
        return;
      }
    }
  }

  private boolean play(Runnable scene) {
    try {
      if (!enough) {
        scene.run();
      }
      return true;
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "a rehearsal ended early", e);
      return false;
    }
  }
}
