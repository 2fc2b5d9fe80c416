package handover.migration;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, and says which when it does not come true. */
final class Await {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Await() {}

  static void until(Supplier<String> what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited " + LIMIT + " in vain: " + what.get());
      }
      LockSupport.parkNanos(200_000);
    }
  }

  static MigrationInfo ended(MigrationControl engine) {
    until(() -> "a migration that ends: " + engine.query(), () -> engine.query().status().ended());
    return engine.query();
  }
}
