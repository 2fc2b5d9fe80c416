package handover.devices.net;

import handover.devices.Chardevs;
import handover.devices.NearestName;
import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.vhost.VhostSocket;
import handover.devices.vhost.VhostUserNetdev;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Makes the network back ends of one machine; hubs are shared among its hub ports. */
public final class Netdevs {
  private static final int MAX_PORT = 65535;

  private static final Property ID =
      new Property("id", Property.Kind.TEXT, "", false, "Name that a device's netdev= refers to.");

  private static final Map<String, List<Property>> KINDS = new TreeMap<>();

  static {
    KINDS.put(
        "stream",
        List.of(
            ID,
            new Property("server", Property.Kind.BOOL, "off", false, "Listen, or connect."),
            text("addr.type", "unix or inet."),
            text("addr.path", "Socket path, for unix."),
            text("addr.host", "Host name or address, for inet."),
            text("addr.port", "TCP port, for inet; 0 lets the system choose one to listen on."),
            number("reconnect", "Seconds between attempts to connect; 0 for a single one."),
            number("reconnect-ms", "The same in milliseconds.")));
    KINDS.put("hubport", List.of(ID, number("hubid", "Number of the hub this port belongs to.")));
    KINDS.put(
        "none",
        List.of(
            ID,
            new Property(
                "rings",
                Property.Kind.NUMBER,
                "0",
                false,
                "Offer what a vhost-user back end with so many queue pairs would; 0: plain.")));
    KINDS.put("vdpa-sim", vdpaSim());
    KINDS.put(
        "vhost-user",
        List.of(
            ID,
            text("chardev", "Id of the -chardev socket that the back end is at, given before."),
            new Property(
                "queues", Property.Kind.NUMBER, "1", false, "Queue pairs of the back end, to 128."),
            new Property("vhostforce", Property.Kind.BOOL, "off", false, "Taken, and of no use.")));
  }

  private final Map<Integer, Hub> hubs = new LinkedHashMap<>();
  private final Map<String, Netdev> opened = new LinkedHashMap<>();
  private final Chardevs chardevs;

  /** Netdevs that need no character device. */
  public Netdevs() {
    this(new Chardevs());
  }

  /** Netdevs, some of which name a character device. */
  public Netdevs(Chardevs chardevs) {
    this.chardevs = chardevs;
  }

  /** The kinds known, sorted. */
  public static List<String> kinds() {
    return List.copyOf(KINDS.keySet());
  }

  /** What can be set for a kind; empty for an unknown one. */
  public static List<Property> properties(String kind) {
    return KINDS.getOrDefault(kind, List.of());
  }

  /**
   * Opens a back end.
   *
   * @param kind such as {@code stream}
   * @param given properties as typed, {@code id} among them
   * @param problems hears of everything wrong; nothing is opened then
   */
  public Optional<Netdev> open(String kind, Map<String, String> given, Consumer<String> problems) {
    String driver = "netdev " + given.getOrDefault("id", kind);
    if (!KINDS.containsKey(kind)) {
      problems.accept(
          "%s: there is no netdev type '%s'%s"
              .formatted(driver, kind, NearestName.hint(kind, KINDS.keySet())));
      return Optional.empty();
    }
    List<String> found = new ArrayList<>();
    PropertyValues values = PropertyValues.bind(driver, properties(kind), given, found::add);
    if (found.isEmpty() && values.text("id").isEmpty()) {
      found.add("netdev of type %s: id= is missing".formatted(kind));
    }
    Optional<Netdev> netdev =
        found.isEmpty() ? open(kind, driver, values, found::add) : Optional.empty();
    found.forEach(problems);
    netdev.ifPresent(n -> opened.putIfAbsent(n.id(), n));
    return netdev;
  }

  private Optional<Netdev> open(
      String kind, String driver, PropertyValues values, Consumer<String> problems) {
    return switch (kind) {
      case "stream" -> openStream(driver, values, problems);
      case "vdpa-sim" -> openVdpaSim(driver, values, problems);
      case "vhost-user" -> openVhostUser(driver, values, problems);
      case "hubport" -> Optional.of(hub(values.number("hubid")).newPort(values.text("id")));
      default -> Optional.of(new NoneNetdev(values.text("id"), values.number("rings")));
    };
  }

  private Optional<Netdev> openVdpaSim(
      String driver, PropertyValues values, Consumer<String> problems) {
    String backend = values.text("backend");
    Optional<Netdev> wire = Optional.ofNullable(opened.get(backend));
    if (wire.isEmpty()) {
      problems.accept(
          backend.isEmpty()
              ? driver + ": backend= is missing; it names the netdev that carries the frames"
              : "%s: backend=%s is no netdev given before this one%s"
                  .formatted(driver, backend, NearestName.hint(backend, opened.keySet())));
    }
    return wire.map(
        w ->
            new VdpaSim(
                values.text("id"), w, VdpaCosts.of(values), Waiting::real, System::nanoTime));
  }

  private Optional<Netdev> openVhostUser(
      String driver, PropertyValues values, Consumer<String> problems) {
    int queues = values.number("queues");
    if (queues < 1 || queues > VhostUserNetdev.MAX_PAIRS) {
      return refuse(
          problems,
          "%s: queues expects a number from 1 to %d, got %d"
              .formatted(driver, VhostUserNetdev.MAX_PAIRS, queues));
    }
    Optional<VhostSocket> socket =
        chardevs.socket(driver, values.text("chardev"), problems).map(VhostSocket::of);
    if (socket.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(VhostUserNetdev.open(values.text("id"), socket.get(), queues));
    } catch (IOException | UnsupportedOperationException e) {
      return refuse(
          problems,
          "%s: no vhost-user back end at %s: %s"
              .formatted(driver, socket.get().path(), e.getMessage()));
    }
  }

  private static List<Property> vdpaSim() {
    List<Property> all = new ArrayList<>(List.of(ID));
    all.add(text("backend", "Id of the netdev, given before, that carries the frames."));
    all.addAll(VdpaCosts.declared());
    return List.copyOf(all);
  }

  private Hub hub(int number) {
    return hubs.computeIfAbsent(number, Hub::new);
  }

  private static Optional<Netdev> openStream(
      String driver, PropertyValues values, Consumer<String> problems) {
    Optional<SocketAddress> address = address(driver, values, problems);
    if (address.isEmpty()) {
      return Optional.empty();
    }
    String id = values.text("id");
    int reconnectMillis =
        Math.max(values.number("reconnect-ms"), Math.multiplyExact(1000, seconds(values)));
    try {
      return Optional.of(
          values.flag("server")
              ? StreamNetdev.server(id, address.get())
              : StreamNetdev.client(id, address.get(), reconnectMillis));
    } catch (IOException e) {
      problems.accept(
          values.flag("server")
              ? "%s: cannot listen on %s: %s"
                  .formatted(driver, StreamSocket.text(address.get()), e.getMessage())
              : "%s: cannot connect to %s: %s; start the peer first, or add reconnect-ms=1000"
                  .formatted(driver, StreamSocket.text(address.get()), e.getMessage()));
      return Optional.empty();
    }
  }

  private static int seconds(PropertyValues values) {
    return Math.min(values.number("reconnect"), 86_400);
  }

  private static Optional<SocketAddress> address(
      String driver, PropertyValues values, Consumer<String> problems) {
    return switch (values.text("addr.type")) {
      case "unix" -> unixAddress(driver, values.text("addr.path"), problems);
      case "inet" ->
          inetAddress(driver, values.text("addr.host"), values.text("addr.port"), problems);
      case "" -> refuse(problems, driver + ": addr.type= is missing; expected unix or inet");
      case String other ->
          refuse(problems, "%s: addr.type expects unix or inet, got '%s'".formatted(driver, other));
    };
  }

  private static Optional<SocketAddress> unixAddress(
      String driver, String path, Consumer<String> problems) {
    if (path.isEmpty()) {
      return refuse(problems, driver + ": addr.path= is missing");
    }
    return Optional.of(UnixDomainSocketAddress.of(path));
  }

  private static Optional<SocketAddress> inetAddress(
      String driver, String host, String port, Consumer<String> problems) {
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MAX_PORT) {
      return refuse(
          problems,
          "%s: addr.port expects a number up to %d, got '%s'".formatted(driver, MAX_PORT, port));
    }
    return Optional.of(
        new InetSocketAddress(host.isEmpty() ? "127.0.0.1" : host, Integer.parseInt(port)));
  }

  private static <T> Optional<T> refuse(Consumer<String> problems, String problem) {
    problems.accept(problem);
    return Optional.empty();
  }

  private static Property text(String name, String description) {
    return new Property(name, Property.Kind.TEXT, "", false, description);
  }

  private static Property number(String name, String description) {
    return new Property(name, Property.Kind.NUMBER, "0", false, description);
  }
}
