package handover.cli.guest;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition and says which. */
final class Waiting {
  private static final long LOOK_AGAIN_NANOS = 10_000_000;

  private Waiting() {}

  static void until(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + Host.LIMIT.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain for " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }
}
