package handover.migration;

import handover.memory.Background;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whole moves within this process, to no effect, before the first real one: in a JVM, code that
 * runs for the first time is slow by orders of magnitude, most of all because its classes have to
 * be loaded. Once in the life of a process is enough, whichever machine began it.
 */
final class MoveRehearsal {
  private static final System.Logger LOG = System.getLogger(MoveRehearsal.class.getName());
  private static final long LONGEST_NANOS = 3_000_000_000L;

  /** Memory that comes right after it was asked for comes before the rehearsal. */
  private static final long GRACE_NANOS = 400_000_000L;

  private static Optional<MoveRehearsal> first = Optional.empty();
  private static long earliest;

  private final CountDownLatch over = new CountDownLatch(1);
  private long restedNanos;

  private MoveRehearsal() {}

  /**
   * Has it begin in a moment: a destination that was just started has not the processors for both,
   * the first of these moves and memory that comes already.
   */
  static synchronized void soon(MigratableMachine machine, long moves) {
    if (first.isEmpty()) {
      var unused = once(machine, moves);
      earliest = System.nanoTime() + GRACE_NANOS;
    }
  }

  /** Begins it with {@code machine}'s help, at most so many, unless that was done before. */
  static synchronized MoveRehearsal once(MigratableMachine machine, long moves) {
    earliest = System.nanoTime();
    MoveRehearsal.class.notifyAll();
    if (first.isEmpty()) {
      MoveRehearsal rehearsal = new MoveRehearsal();
      first = Optional.of(rehearsal);
      Thread.ofPlatform()
          .daemon()
          .name("migration-rehearse")
          .start(() -> rehearsal.run(machine, moves));
    }
    return first.get();
  }

  /** Waits until it is over; whether it is. */
  boolean await(long millis) {
    try {
      return over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationCancelled();
    }
  }

  private void run(MigratableMachine machine, long moves) {
    awaitBegin();
    var unused = Background.awaitTurn();
    long began = System.nanoTime();
    try {
      AtomicLong begun = new AtomicLong();
      machine.rehearseMoves(
          () -> begun.getAndIncrement() >= moves || workedNanos(began) >= LONGEST_NANOS);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "rehearsing a move failed; the next may be slow", e);
    } finally {
      over.countDown();
    }
  }

  /** For how long it has been at work since {@code began}; waits while it is to rest. */
  private long workedNanos(long began) {
    restedNanos += Background.awaitTurn();
    return System.nanoTime() - began - restedNanos;
  }

  private static synchronized void awaitBegin() {
    try {
      for (long left = left(); left > 0; left = left()) {
        TimeUnit.NANOSECONDS.timedWait(MoveRehearsal.class, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long left() {
    return earliest - System.nanoTime();
  }
}
