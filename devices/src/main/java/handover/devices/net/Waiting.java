package handover.devices.net;

import java.util.concurrent.locks.LockSupport;

/** Lets time pass. */
@FunctionalInterface
interface Waiting {
  /** Returns when {@code nanos} have passed. */
  void spend(long nanos) throws InterruptedException;

  /**
   * Real time. The last moment is spent awake: a thread that sleeps wakes some 50 µs late, which is
   * as long as a data plane takes to be enabled.
   */
  static void real(long nanos) throws InterruptedException {
    long awake = 200_000;
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (left > awake) {
        LockSupport.parkNanos(left - awake);
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
