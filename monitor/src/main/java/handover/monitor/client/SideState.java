package handover.monitor.client;

import handover.monitor.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What one side of a migration says of itself.
 *
 * @param reachable whether it answers at all
 * @param status its run state
 * @param migration its migration status
 * @param error why its migration failed
 */
record SideState(boolean reachable, String status, String migration, Optional<String> error) {
  private static final Set<String> UNDECIDED = Set.of("inmigrate", "finish-migrate");
  private static final Set<String> GAVE_AWAY = Set.of("postmigrate", "finish-migrate");
  private static final Duration POLL = Duration.ofMillis(20);

  /** Asks until the side is no longer in between, at most for {@code patience}. */
  static SideState settled(QmpClient side, Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    SideState state = ask(side);
    while (state.undecided() && System.nanoTime() < deadline) {
      var unused =
          side.awaitEvent(e -> Set.of("RESUME", "STOP", "MIGRATION").contains(e.name()), POLL);
      state = ask(side);
    }
    return state;
  }

  private static SideState ask(QmpClient side) {
    try {
      String status = side.query("query-status").text("status").orElse("unknown");
      Json.Obj migration = side.query("query-migrate");
      return new SideState(
          true, status, migration.text("status").orElse("none"), migration.text("error-desc"));
    } catch (IOException | QmpErrorException e) {
      return new SideState(false, "unreachable", "unknown", Optional.of(e.getMessage()));
    }
  }

  private boolean undecided() {
    return UNDECIDED.contains(status) && !migration.equals("failed");
  }

  /** Whether guest instructions are executed here. */
  boolean running() {
    return status.equals("running");
  }

  /** Whether this source has handed its guest over, or is about to. */
  boolean gaveAway() {
    return GAVE_AWAY.contains(status);
  }

  /** Whether this destination has received a guest. */
  boolean arrived() {
    return reachable && !status.equals("inmigrate") && !migration.equals("failed");
  }

  /** One sentence. */
  String describe(String side) {
    return reachable
        ? "The %s is '%s' (migration %s).".formatted(side, status, migration)
        : "The %s does not answer.".formatted(side);
  }
}
