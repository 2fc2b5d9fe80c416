package handover.monitor.client;

import handover.monitor.json.Json;
import java.time.Instant;

/**
 * An event from a peer.
 *
 * @param name such as {@code MIGRATION}
 * @param data what it carries; empty object if nothing
 * @param timestamp the peer's clock
 */
public record QmpEvent(String name, Json.Obj data, Instant timestamp) {
  static QmpEvent from(String name, Json.Obj message) {
    Json.Obj stamp = message.object("timestamp").orElse(Json.Obj.EMPTY);
    return new QmpEvent(
        name,
        message.object("data").orElse(Json.Obj.EMPTY),
        Instant.ofEpochSecond(
            stamp.whole("seconds").orElse(0), 1000 * stamp.whole("microseconds").orElse(0)));
  }
}
