package handover.devices.net;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do. */
public final class Await {
  private Await() {}

  /** Returns when {@code condition} holds; fails after ten seconds, saying what was awaited. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited ten seconds for: " + what);
      }
      LockSupport.parkNanos(200_000);
    }
  }
}
