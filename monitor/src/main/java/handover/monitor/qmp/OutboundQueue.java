package handover.monitor.qmp;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits to be written to one client, bounded in bytes. Replies wait for room, which holds up
 * only the client that asked; events never wait, because they come from the machine's own threads.
 */
final class OutboundQueue {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
  private final long capacity;
  private long queued;
  private boolean writing;
  private boolean closed;

  /** Holds up to {@code capacity} bytes; a single longer message is taken when it is alone. */
  OutboundQueue(long capacity) {
    this.capacity = capacity;
  }

  /** Adds without waiting; false if there is no room or the queue is closed. */
  boolean offer(byte[] message) {
    lock.lock();
    try {
      return !closed && hasRoom(message) && add(message);
    } finally {
      lock.unlock();
    }
  }

  /** Adds once there is room; false if the queue was closed. */
  boolean put(byte[] message) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && !hasRoom(message)) {
        changed.await();
      }
      return !closed && add(message);
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(byte[] message) {
    return messages.isEmpty() || queued + message.length <= capacity;
  }

  private boolean add(byte[] message) {
    messages.add(message);
    queued += message.length;
    changed.signalAll();
    return true;
  }

  /** The next message; empty once closed. The taker calls {@link #written} when it is done. */
  Optional<byte[]> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && messages.isEmpty()) {
        changed.await();
      }
      writing = !closed;
      return closed ? Optional.empty() : Optional.of(messages.peek());
    } finally {
      lock.unlock();
    }
  }

  /** The message taken last is on its way; only now does it make room. */
  void written() {
    lock.lock();
    try {
      writing = false;
      Optional.ofNullable(messages.poll()).ifPresent(m -> queued -= m.length);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until everything is written; false if that took too long. */
  boolean drain(long timeout, TimeUnit unit) throws InterruptedException {
    long left = unit.toNanos(timeout);
    lock.lockInterruptibly();
    try {
      while (!closed && (writing || !messages.isEmpty()) && left > 0) {
        left = changed.awaitNanos(left);
      }
      return messages.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what is queued; everybody waiting returns. */
  void close() {
    lock.lock();
    try {
      closed = true;
      messages.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
