package handover.devices.net;

import handover.devices.NearestName;
import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.vhost.VhostSocket;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The {@code -chardev}s of one machine. They are opened by the netdevs that name them. */
public final class Chardevs {
  private static final List<Property> SOCKET =
      List.of(
          text("id", "Name that a netdev's chardev= refers to."),
          text("path", "Path of a Unix socket."),
          flag("server", "off", "Listen, or connect."),
          flag("wait", "on", "Taken for QEMU's sake: a netdev always waits for its back end."),
          number("reconnect", "Seconds between attempts to connect again; 0 for none."),
          number("reconnect-ms", "The same in milliseconds."));
  private static final List<String> KINDS = List.of("socket");
  private static final int LONGEST_SECONDS = 86_400;

  private final Map<String, VhostSocket> sockets = new LinkedHashMap<>();

  /** The kinds known. */
  public static List<String> kinds() {
    return KINDS;
  }

  /** What can be set for a kind; empty for an unknown one. */
  public static List<Property> properties(String kind) {
    return KINDS.contains(kind) ? SOCKET : List.of();
  }

  /**
   * Adds one.
   *
   * @param kind {@code socket}
   * @param given properties as typed, {@code id} among them
   * @param problems hears of everything wrong; nothing is added then
   */
  public void add(String kind, Map<String, String> given, Consumer<String> problems) {
    String driver = "chardev " + given.getOrDefault("id", kind);
    if (!KINDS.contains(kind)) {
      problems.accept(
          "%s: there is no chardev type '%s'%s"
              .formatted(driver, kind, NearestName.hint(kind, KINDS)));
      return;
    }
    List<String> found = new ArrayList<>();
    PropertyValues values = PropertyValues.bind(driver, SOCKET, given, found::add);
    for (String needed : List.of("id", "path")) {
      if (values.text(needed).isEmpty()) {
        found.add("%s: %s= is missing".formatted(driver, needed));
      }
    }
    if (sockets.containsKey(values.text("id"))) {
      found.add("-chardev: id '%s' is given twice".formatted(values.text("id")));
    }
    if (found.isEmpty()) {
      try {
        sockets.put(values.text("id"), socket(values));
      } catch (InvalidPathException e) {
        found.add("%s: path '%s': %s".formatted(driver, e.getInput(), e.getReason()));
      }
    }
    found.forEach(problems);
  }

  private static VhostSocket socket(PropertyValues values) {
    int seconds = Math.min(values.number("reconnect"), LONGEST_SECONDS);
    return new VhostSocket(
        values.text("id"),
        Path.of(values.text("path")),
        values.flag("server"),
        Math.max(values.number("reconnect-ms"), 1000 * seconds));
  }

  /** The socket that {@code driver} names; a problem if there is none. */
  Optional<VhostSocket> socket(String driver, String id, Consumer<String> problems) {
    Optional<VhostSocket> socket = Optional.ofNullable(sockets.get(id));
    if (socket.isEmpty()) {
      problems.accept(
          id.isEmpty()
              ? driver + ": chardev= is missing; it names the -chardev socket of the back end"
              : "%s: there is no chardev with id '%s'%s"
                  .formatted(driver, id, NearestName.hint(id, sockets.keySet())));
    }
    return socket;
  }

  private static Property text(String name, String description) {
    return new Property(name, Property.Kind.TEXT, "", false, description);
  }

  private static Property flag(String name, String initially, String description) {
    return new Property(name, Property.Kind.BOOL, initially, false, description);
  }

  private static Property number(String name, String description) {
    return new Property(name, Property.Kind.NUMBER, "0", false, description);
  }
}
