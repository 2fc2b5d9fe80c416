package handover.diagnosis.check;

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

  private final Endpoint endpoint;
  private final boolean asksVirtio;
  private final Map<String, String> virtioPaths = new LinkedHashMap<>();
  private final Map<String, Device> devices = new LinkedHashMap<>();

  /**
   * A reader.
   *
   * @param asksVirtio whether x-query-virtio-status is safe: QEMU 11.1 dies of it (an assertion in
   *     its output visitor), and a question must never cost a guest
   */
  DeviceReader(Endpoint endpoint, boolean asksVirtio) {
    this.endpoint = endpoint;
    this.asksVirtio = asksVirtio;
  }

  Map<String, Device> read() throws IOException {
    List<Json.Obj> own = endpoint.objects("x-query-devices");
    for (Json.Obj device : own) {
      handover(device);
    }
    if (own.isEmpty()) {
      if (asksVirtio) {
        for (Json.Obj each : endpoint.objects("x-query-virtio")) {
          virtioPaths.put(each.text("path").orElse(""), each.text("name").orElse(""));
        }
      }
      for (String container : CONTAINERS) {
        container(container);
      }
    }
    return devices;
  }

  /** A machine of this program tells everything at once. */
  private void handover(Json.Obj device) {
    String path = device.text("qom-path").orElse("?");
    Map<String, String> properties = new LinkedHashMap<>();
    Set<String> agreed = new TreeSet<>();
    for (Json each : device.array("properties")) {
      Json.Obj property = (Json.Obj) each;
      if (property.flag("agreed").orElse(false)) {
        agreed.add(property.text("name").orElse("?"));
      }
      properties.put(
          property.text("name").orElse("?"), property.get("value").map(Endpoint::words).orElse(""));
    }
    String type = device.text("driver").orElse("?");
    String slot = properties.getOrDefault("addr", "");
    String place = slot.isEmpty() ? path : "pcie.0/" + slot;
    add(new Device(place, path, type, properties, false, agreed, Optional.empty()));
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
    String place = place(bus.map(DeviceReader::tail).orElse("board"), type, properties);
    add(new Device(place, path, type, properties, onBoard, Set.of(), negotiated(path)));
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

  /** Features in use, once a driver has taken the device over. */
  private Optional<List<String>> negotiated(String path) throws IOException {
    Optional<String> known =
        Stream.of(path, path + "/virtio-backend").filter(virtioPaths::containsKey).findFirst();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Json.Obj status =
        Endpoint.object(
            endpoint.ask("x-query-virtio-status", Json.object().with("path", known.get()).build()));
    boolean running =
        String.valueOf(status.get("status").orElse(Json.Null.NULL)).contains("DRIVER_OK");
    return running ? status.object("guest-features").map(DeviceReader::names) : Optional.empty();
  }

  private static List<String> names(Json.Obj features) {
    return Stream.of("transports", "dev-features")
        .flatMap(kind -> features.array(kind).stream())
        .map(Endpoint::words)
        .toList();
  }
}
