package handover.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Does again and again, to no effect and beside the stream, what will have to be done while the
 * guest stands still: first whole moves of a likeness, if this process never did, then what is
 * particular to this machine's state.
 */
final class Rehearsal {
  private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());
  private static final long LONGEST_NANOS = 300_000_000L;
  private static final long LONGEST_COMPILING_NANOS = 3_000_000_000L;
  private static final long QUIET_NANOS = 60_000_000L;
  private static final long POLL_MILLIS = 10;
  private static final long LIMBER_NANOS = 5_000_000;
  private static final int LIMBER_REPEATS = 4;

  private final MoveRehearsal moves;
  private final List<Runnable> scenes;
  private final long repeats;
  private final Runnable after;
  private final Thread thread;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean enough;

  /**
   * Begins at once. A scene that fails is not repeated: a blank state need not be loadable.
   *
   * @param repeats how often a scene is played at most
   * @param after done when it has ended
   */
  Rehearsal(MoveRehearsal moves, long repeats, List<Runnable> scenes, Runnable after) {
    this.moves = moves;
    this.repeats = repeats;
    this.scenes = new ArrayList<>(scenes);
    this.after = after;
    this.thread = Thread.ofPlatform().daemon().name("migration-rehearse").start(this::run);
  }

  /** Waits until there is nothing left to rehearse; whether that is so. */
  boolean await(long millis) {
    try {
      return over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationCancelled();
    }
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

  /** Plays every scene a few times on the thread whose turn it is next, for a moment. */
  static void limberUp(List<Runnable> scenes) {
    List<Runnable> left = new ArrayList<>(scenes);
    long deadline = System.nanoTime() + LIMBER_NANOS;
    int played = 0;
    while (!left.isEmpty() && played < LIMBER_REPEATS && System.nanoTime() - deadline < 0) {
      left.removeIf(scene -> !succeeds(scene));
      played++;
    }
  }

  private void run() {
    try {
      while (!enough && !moves.await(POLL_MILLIS)) {
        // Another migration of this process may have begun it; it ends by itself.
      }
      repeat();
      // What has become hot is still being compiled, at the expense of whatever runs meanwhile.
      var unused = CompilerThreads.awaitQuiet(QUIET_NANOS, LONGEST_COMPILING_NANOS, () -> enough);
    } finally {
      over.countDown();
      after.run();
    }
  }

  private void repeat() {
    long deadline = System.nanoTime() + LONGEST_NANOS;
    for (int i = 0; i < repeats && !scenes.isEmpty(); i++) {
      scenes.removeIf(scene -> !play(scene));
      if (enough || System.nanoTime() - deadline >= 0) {
        return;
      }
    }
  }

  private boolean play(Runnable scene) {
    return enough || succeeds(scene);
  }

  private static boolean succeeds(Runnable scene) {
    try {
      scene.run();
      return true;
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "a rehearsal ended early", e);
      return false;
    }
  }
}
