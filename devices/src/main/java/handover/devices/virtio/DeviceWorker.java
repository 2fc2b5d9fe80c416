package handover.devices.virtio;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * The thread that does a device's work, so that a kick costs the hart one atomic operation.
 *
 * <p>Kicks are a set of queue numbers: any number of kicks between two visits is one visit.
 */
final class DeviceWorker {
  /** No time to wake at. */
  static final long NEVER = Long.MAX_VALUE;

  private final String name;
  private final int queues;
  private final IntConsumer visit;
  private final Runnable expired;
  private final AtomicLongArray kicked;
  private volatile long wakeAt = NEVER;
  private volatile boolean closed;
  private volatile Thread thread;

  DeviceWorker(String name, int queues, IntConsumer visit, Runnable expired) {
    this.name = name;
    this.queues = queues;
    this.visit = visit;
    this.expired = expired;
    this.kicked = new AtomicLongArray((queues + 63) / 64);
  }

  /** Starts the thread at the first call. Called under the device's lock. */
  void start() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }
  }

  void kick(int queue) {
    if (queue < 0 || queue >= queues) {
      return;
    }
    kicked.getAndAccumulate(queue >> 6, 1L << (queue & 63), (a, b) -> a | b);
    LockSupport.unpark(thread);
  }

  /** Has {@code expired} called then, instead of at the time asked for before. Under the lock. */
  void wakeAt(long nanos) {
    boolean sooner = nanos != NEVER && (wakeAt == NEVER || nanos - wakeAt < 0);
    wakeAt = nanos;
    if (sooner) {
      LockSupport.unpark(thread);
    }
  }

  void kickAll() {
    for (int word = 0; word < kicked.length(); word++) {
      int rest = queues - 64 * word;
      kicked.set(word, rest < 64 ? (1L << rest) - 1 : -1);
    }
    LockSupport.unpark(thread);
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      boolean any = visitKicked();
      long until = wakeAt;
      if (until != NEVER && until - System.nanoTime() <= 0) {
        expired.run();
      } else if (!any) {
        rest(until);
      }
    }
  }

  private void rest(long until) {
    if (until == NEVER) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, Math.max(1, until - System.nanoTime()));
    }
  }

  private boolean visitKicked() {
    boolean any = false;
    for (int word = 0; word < kicked.length(); word++) {
      long bits = kicked.getAndSet(word, 0);
      any |= bits != 0;
      for (; bits != 0; bits &= bits - 1) {
        visit.accept(word * 64 + Long.numberOfTrailingZeros(bits));
      }
    }
    return any;
  }
}
