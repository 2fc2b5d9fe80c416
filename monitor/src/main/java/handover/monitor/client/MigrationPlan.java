package handover.monitor.client;

import java.time.Duration;
import java.util.Map;

/**
 * What a migration between two QMP servers shall do.
 *
 * @param uri where the destination listens and the source connects: {@code tcp:HOST:PORT} or {@code
 *     unix:PATH}; with port 0 the destination chooses
 * @param capabilities set on both sides first
 * @param parameters set on both sides first; numbers, {@code on|off} or text
 * @param patience longest wait for the destination to be ready, and for its word at the end
 * @param limit longest time the whole may take; it is cancelled then
 */
public record MigrationPlan(
    String uri,
    Map<String, Boolean> capabilities,
    Map<String, String> parameters,
    Duration patience,
    Duration limit) {
  /** To {@code uri} with everything as it is, at most an hour. */
  public static MigrationPlan to(String uri) {
    return new MigrationPlan(uri, Map.of(), Map.of(), Duration.ofSeconds(10), Duration.ofHours(1));
  }

  /** The same with other capabilities. */
  public MigrationPlan withCapabilities(Map<String, Boolean> other) {
    return new MigrationPlan(uri, other, parameters, patience, limit);
  }

  /** The same with other parameters. */
  public MigrationPlan withParameters(Map<String, String> other) {
    return new MigrationPlan(uri, capabilities, other, patience, limit);
  }

  /** The same with another patience. */
  public MigrationPlan withPatience(Duration other) {
    return new MigrationPlan(uri, capabilities, parameters, other, limit);
  }
}
