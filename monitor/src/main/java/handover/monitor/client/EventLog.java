package handover.monitor.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Events not yet waited for; the oldest are forgotten when there are too many. */
final class EventLog {
  private static final int KEPT = 4096;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<QmpEvent> events = new ArrayDeque<>();
  private boolean closed;

  void add(QmpEvent event) {
    lock.lock();
    try {
      if (events.size() == KEPT) {
        events.removeFirst();
      }
      events.addLast(event);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes out the oldest event that matches, waiting for it if need be. */
  Optional<QmpEvent> await(Predicate<QmpEvent> wanted, Duration timeout)
      throws InterruptedException {
    long left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      Optional<QmpEvent> found = take(wanted);
      while (found.isEmpty() && !closed && left > 0) {
        left = changed.awaitNanos(left);
        found = take(wanted);
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  private Optional<QmpEvent> take(Predicate<QmpEvent> wanted) {
    for (Iterator<QmpEvent> i = events.iterator(); i.hasNext(); ) {
      QmpEvent event = i.next();
      if (wanted.test(event)) {
        i.remove();
        return Optional.of(event);
      }
    }
    return Optional.empty();
  }
}
