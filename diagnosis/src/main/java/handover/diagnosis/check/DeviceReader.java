package handover.diagnosis.check;

import handover.devices.virtio.VirtioFeatures;
import handover.diagnosis.check.MachineFacts.Device;
import handover.monitor.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Devices as the object tree shows them: given with -device, and the board's own. */
final class DeviceReader {
  private static final List<String> CONTAINERS =
      List.of("/machine/peripheral", "/machine/peripheral-anon", "/machine/unattached");

  /** Offered to drivers that never ask for them. */
  private static final Set<String> UNUSED = Set.of("notify_on_empty", "any_layout", "bad_feature");

  /** Kinds of netdevs whose packets have a virtio-net header; all others have frames only. */
  private static final Set<String> WITH_HEADER =
      Set.of("tap", "vhost-user", "vhost-vdpa", "netmap");

  /** Features of a card that such a header is for. */
  private static final List<String> OFFLOADS =
      List.of(
          "csum",
          "guest_csum",
          "host_tso4",
          "host_tso6",
          "host_ecn",
          "host_ufo",
          "host_uso",
          "guest_tso4",
          "guest_tso6",
          "guest_ecn",
          "guest_ufo",
          "guest_uso4",
          "guest_uso6");

  private final Endpoint endpoint;
  private final Map<String, String> netdevs;
  private final boolean asksVirtio;
  private final Map<String, String> virtioPaths = new LinkedHashMap<>();
  private final Map<String, Set<String>> agreed = new LinkedHashMap<>();
  private final Map<String, Device> devices = new LinkedHashMap<>();

  /**
   * A reader.
   *
   * @param netdevs kinds of back ends by id
   * @param asksVirtio whether x-query-virtio-status is safe: QEMU 11.1 dies of it (an assertion in
   *     its output visitor), and a question must never cost a guest
   */
  DeviceReader(Endpoint endpoint, Map<String, String> netdevs, boolean asksVirtio) {
    this.endpoint = endpoint;
    this.netdevs = netdevs;
    this.asksVirtio = asksVirtio;
  }

  Map<String, Device> read() throws IOException {
    for (Json.Obj device : endpoint.objects("x-query-devices")) {
      agreed.put(device.text("qom-path").orElse("?"), agreed(device));
    }
    if (asksVirtio || !agreed.isEmpty()) {
      for (Json.Obj each : endpoint.objects("x-query-virtio")) {
        virtioPaths.put(each.text("path").orElse(""), each.text("name").orElse(""));
      }
    }
    for (String container : CONTAINERS) {
      container(container);
    }
    return devices;
  }

  /** A machine of this program says which properties it compares before anything moves. */
  private static Set<String> agreed(Json.Obj device) {
    Set<String> names = new TreeSet<>();
    for (Json each : device.array("properties")) {
      if (each instanceof Json.Obj property && property.flag("agreed").orElse(false)) {
        names.add(property.text("name").orElse("?"));
      }
    }
    return names;
  }

  private void container(String container) throws IOException {
    boolean onBoard = container.equals("/machine/unattached");
    List<Json.Obj> children = new ArrayList<>(endpoint.list(container));
    children.sort((a, b) -> order(a).compareTo(order(b)));
    for (Json.Obj child : children) {
      String type = child.text("type").orElse("");
      if (type.startsWith("child<") && !type.equals("child<memory-region>")) {
        String path = container + "/" + child.text("name").orElse("?");
        device(path, type.substring(6, type.length() - 1), onBoard);
      }
    }
  }

  /** So that device[10] comes behind device[9]. */
  private static String order(Json.Obj child) {
    String name = child.text("name").orElse("");
    return "%04d %s".formatted(name.length(), name);
  }

  private void device(String path, String type, boolean onBoard) throws IOException {
    Optional<String> bus =
        endpoint.get(path, "parent_bus").map(Endpoint::words).filter(b -> b.startsWith("/"));
    boolean cpu = type.endsWith("-cpu");
    if (bus.isEmpty() && !onBoard || cpu) {
      return;
    }
    Map<String, String> properties = onBoard ? boardProperties(path) : endpoint.properties(path);
    address(properties).ifPresent(at -> properties.put("legacy-addr", at));
    Optional<VirtioStatus> status = status(path);
    status.ifPresentOrElse(
        known -> settle(type, known, properties), () -> withoutHeader(type, properties));
    String place = place(bus.map(DeviceReader::tail).orElse("board"), type, properties);
    add(
        new Device(
            place,
            path,
            type,
            properties,
            onBoard,
            agreed.getOrDefault(path, Set.of()),
            status.filter(VirtioStatus::running).map(VirtioStatus::accepted)));
  }

  /** QEMU 11 has only the number of slot and function. */
  private static Optional<String> address(Map<String, String> properties) {
    String given = properties.getOrDefault("legacy-addr", "");
    String number = properties.getOrDefault("addr", "");
    return !given.isEmpty() || !number.matches("\\d{1,3}")
        ? Optional.of(given).filter(at -> !at.isEmpty())
        : Optional.of(number)
            .map(Integer::valueOf)
            .map(devfn -> "%02x.%x".formatted(devfn >> 3, devfn & 7));
  }

  /** Without a status: what needs a header on every packet, which few back ends have. */
  private void withoutHeader(String type, Map<String, String> properties) {
    String backEnd = netdevs.getOrDefault(properties.getOrDefault("netdev", ""), "");
    if (Device.virtio(type).filter("virtio-net"::equals).isPresent()
        && !WITH_HEADER.contains(backEnd)) {
      OFFLOADS.forEach(name -> properties.computeIfPresent(name, (n, value) -> "off"));
    }
  }

  /**
   * Puts what is offered in place of what was asked for: a back end takes features away. Of bits
   * above 31 a legacy transport shows none, whatever the device says.
   */
  private static void settle(String type, VirtioStatus status, Map<String, String> properties) {
    String device = Device.virtio(type).orElse("");
    for (int bit = 0; bit < Integer.SIZE; bit++) {
      String name = VirtioFeatures.name(device, bit);
      if (!UNUSED.contains(name) && !name.startsWith("bit ")) {
        properties.put(name, status.offered().contains(name) ? "on" : "off");
      }
    }
  }

  /** What a board brings is only told apart by kind; PCI functions also by address. */
  private Map<String, String> boardProperties(String path) throws IOException {
    Map<String, String> properties = new LinkedHashMap<>();
    for (String name : List.of("addr", "legacy-addr")) {
      endpoint.get(path, name).ifPresent(v -> properties.put(name, Endpoint.words(v)));
    }
    return properties;
  }

  private static String place(String bus, String type, Map<String, String> properties) {
    String address = properties.getOrDefault("legacy-addr", "");
    if (!address.isEmpty()) {
      return bus + "/" + address;
    }
    return bus.startsWith("virtio-mmio-bus") ? bus : bus + "/" + type;
  }

  private static String tail(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void add(Device device) {
    String place = device.place();
    for (int n = 1; devices.containsKey(place); n++) {
      place = device.place() + "#" + n;
    }
    devices.put(
        place,
        new Device(
            place,
            device.path(),
            device.type(),
            device.properties(),
            device.onBoard(),
            device.agreed(),
            device.negotiated()));
  }

  private Optional<VirtioStatus> status(String path) throws IOException {
    Optional<String> known =
        Stream.of(path, path + "/virtio-backend").filter(virtioPaths::containsKey).findFirst();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Json.Obj arguments = Json.object().with("path", known.get()).build();
    Json.Obj answer = Endpoint.object(endpoint.ask("x-query-virtio-status", arguments));
    return answer.object("host-features").isPresent()
        ? Optional.of(VirtioStatus.of(virtioPaths.get(known.get()), answer))
        : Optional.empty();
  }
}
