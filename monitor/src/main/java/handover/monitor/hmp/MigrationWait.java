package handover.monitor.hmp;

import handover.migration.MigrationControl;
import handover.migration.MigrationListener;
import handover.migration.MigrationStatus;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts migrations that have ended, so that one can be waited for. */
final class MigrationWait implements MigrationListener {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long ended;

  MigrationWait(MigrationControl migration) {
    migration.addListener(this);
  }

  @Override
  public void statusChanged(MigrationStatus status, Instant when) {
    if (status.ended()) {
      lock.lock();
      try {
        ended++;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void passFinished(long pass, Instant when) {}

  /** How many have ended so far. */
  long ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until more than {@code before} have ended. */
  void awaitEnd(long before) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (ended <= before) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
