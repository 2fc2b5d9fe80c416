package handover.monitor.client;

import handover.monitor.json.Json;
import java.util.OptionalLong;

/**
 * A migration under way, as {@code query-migrate} of the source tells.
 *
 * @param status QEMU's word
 * @param transferred bytes on the wire
 * @param remaining bytes still dirty
 * @param total bytes of guest memory
 * @param bytesPerSecond current rate
 * @param rounds passes over memory
 * @param expectedDowntime milliseconds, if known
 * @param elapsed milliseconds
 */
public record MigrationProgress(
    String status,
    long transferred,
    long remaining,
    long total,
    long bytesPerSecond,
    long rounds,
    OptionalLong expectedDowntime,
    long elapsed) {
  static MigrationProgress from(Json.Obj report) {
    Json.Obj ram = report.object("ram").orElse(Json.Obj.EMPTY);
    return new MigrationProgress(
        report.text("status").orElse("none"),
        ram.whole("transferred").orElse(0),
        ram.whole("remaining").orElse(0),
        ram.whole("total").orElse(0),
        (long) (ram.number("mbps").orElse(0.0) * 1e6 / 8),
        ram.whole("dirty-sync-count").orElse(0),
        report.whole("expected-downtime"),
        report.whole("total-time").orElse(0));
  }

  /** Whether the migration has ended, well or not. */
  public boolean ended() {
    return status.equals("completed") || status.equals("failed") || status.equals("cancelled");
  }

  /** Milliseconds until nothing remains at the current rate, if there is one. */
  public OptionalLong timeLeft() {
    return bytesPerSecond > 0
        ? OptionalLong.of(remaining * 1000 / bytesPerSecond)
        : OptionalLong.empty();
  }
}
