package handover.devices;

import handover.devices.CharacterBackends.BackendException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The {@code -chardev}s of one machine. Each is opened when a device takes it, and only one can.
 */
public final class Chardevs implements AutoCloseable {
  private static final String SOCKET = "socket";
  private static final Property ID = text("id", "Name that a device's chardev= refers to.");
  private static final Map<String, List<Property>> KINDS =
      new TreeMap<>(
          Map.of(
              SOCKET,
              List.of(
                  ID,
                  text("path", "Path of a Unix socket."),
                  flag("server", "Listen, or connect; a console's socket always listens."),
                  flag("wait", "Hold the machine back until somebody has connected."),
                  number("reconnect", "Seconds between attempts to connect again; 0 for none."),
                  number("reconnect-ms", "The same in milliseconds.")),
              "stdio",
              List.of(ID),
              "file",
              List.of(ID, text("path", "File for the output; there is no input.")),
              "null",
              List.of(ID)));

  private record Chardev(String kind, PropertyValues values) {
    /** As {@code -serial} would name the same. */
    String asSerial() {
      return switch (kind) {
        case SOCKET ->
            "unix:%s,wait=%s".formatted(values.text("path"), values.flag("wait") ? "on" : "off");
        case "file" -> "file:" + values.text("path");
        default -> kind;
      };
    }
  }

  private final Map<String, Chardev> declared = new LinkedHashMap<>();
  private final Map<String, CharacterBackend> open = new LinkedHashMap<>();

  /** The kinds known, sorted. */
  public static List<String> kinds() {
    return List.copyOf(KINDS.keySet());
  }

  /** What can be set for a kind; empty for an unknown one. */
  public static List<Property> properties(String kind) {
    return KINDS.getOrDefault(kind, List.of());
  }

  /**
   * Adds one.
   *
   * @param given properties as typed, {@code id} among them
   * @param problems hears of everything wrong; nothing is added then
   */
  public void add(String kind, Map<String, String> given, Consumer<String> problems) {
    String driver = "chardev " + given.getOrDefault("id", kind);
    if (!KINDS.containsKey(kind)) {
      problems.accept(
          "%s: there is no chardev type '%s'%s"
              .formatted(driver, kind, NearestName.hint(kind, KINDS.keySet())));
      return;
    }
    List<String> found = new ArrayList<>();
    PropertyValues values = PropertyValues.bind(driver, properties(kind), given, found::add);
    for (String needed : List.of("id", "path")) {
      boolean has = values.declared().stream().anyMatch(p -> p.name().equals(needed));
      if (has && values.text(needed).isEmpty()) {
        found.add("%s: %s= is missing".formatted(driver, needed));
      }
    }
    if (declared.containsKey(values.text("id"))) {
      found.add("-chardev: id '%s' is given twice".formatted(values.text("id")));
    }
    if (found.isEmpty()) {
      checkPath(driver, values, found);
    }
    if (found.isEmpty()) {
      declared.put(values.text("id"), new Chardev(kind, values));
    }
    found.forEach(problems);
  }

  private static void checkPath(String driver, PropertyValues values, List<String> problems) {
    try {
      if (values.declared().stream().anyMatch(p -> p.name().equals("path"))) {
        var unused = Path.of(values.text("path"));
      }
    } catch (InvalidPathException e) {
      problems.add("%s: path '%s': %s".formatted(driver, e.getInput(), e.getReason()));
    }
  }

  /**
   * Opens the one that {@code driver} names.
   *
   * @param problems hears why not
   */
  public Optional<CharacterBackend> open(String driver, String id, Consumer<String> problems) {
    Optional<Chardev> chardev = named(driver, id, problems);
    if (chardev.isEmpty()) {
      return Optional.empty();
    }
    if (open.containsKey(id)) {
      problems.accept("%s: chardev '%s' is in use by another device".formatted(driver, id));
      return Optional.empty();
    }
    if (chardev.get().kind().equals(SOCKET) && !chardev.get().values().flag("server")) {
      problems.accept("chardev %s: a console's socket only listens; give server=on".formatted(id));
      return Optional.empty();
    }
    try {
      open.put(id, CharacterBackends.open(chardev.get().asSerial()));
    } catch (BackendException e) {
      problems.accept("chardev %s: %s".formatted(id, e.getMessage()));
    }
    return Optional.ofNullable(open.get(id));
  }

  /**
   * What is said of the socket that {@code driver} names; who asks opens it.
   *
   * @param problems hears why there is none
   */
  public Optional<PropertyValues> socket(String driver, String id, Consumer<String> problems) {
    Optional<Chardev> chardev = named(driver, id, problems);
    if (chardev.isPresent() && !chardev.get().kind().equals(SOCKET)) {
      problems.accept(
          "%s: chardev '%s' is a %s, expected a socket"
              .formatted(driver, id, chardev.get().kind()));
      return Optional.empty();
    }
    return chardev.map(Chardev::values);
  }

  private Optional<Chardev> named(String driver, String id, Consumer<String> problems) {
    Optional<Chardev> chardev = Optional.ofNullable(declared.get(id));
    if (chardev.isEmpty()) {
      problems.accept(
          id.isEmpty()
              ? driver + ": chardev= is missing"
              : "%s: there is no chardev with id '%s'%s"
                  .formatted(driver, id, NearestName.hint(id, declared.keySet())));
    }
    return chardev;
  }

  @Override
  public void close() {
    open.values().forEach(CharacterBackend::close);
  }

  private static Property text(String name, String description) {
    return new Property(name, Property.Kind.TEXT, "", false, description);
  }

  private static Property flag(String name, String description) {
    return new Property(name, Property.Kind.BOOL, "off", false, description);
  }

  private static Property number(String name, String description) {
    return new Property(name, Property.Kind.NUMBER, "0", false, description);
  }
}
