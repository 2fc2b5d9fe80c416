package handover.devices.vhost;

import handover.devices.PropertyValues;
import java.nio.file.Path;

/**
 * A {@code -chardev socket} as a vhost-user netdev uses it.
 *
 * @param id its name
 * @param path the Unix socket
 * @param server whether we listen
 * @param reconnectMillis delay between attempts to connect again; 0 for none
 */
public record VhostSocket(String id, Path path, boolean server, int reconnectMillis) {
  private static final int LONGEST_SECONDS = 86_400;

  /** As a {@code -chardev socket} describes it. */
  public static VhostSocket of(PropertyValues values) {
    int seconds = Math.min(values.number("reconnect"), LONGEST_SECONDS);
    return new VhostSocket(
        values.text("id"),
        Path.of(values.text("path")),
        values.flag("server"),
        Math.max(values.number("reconnect-ms"), 1000 * seconds));
  }
}
