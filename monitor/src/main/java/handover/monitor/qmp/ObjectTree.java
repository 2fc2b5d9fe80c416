package handover.monitor.qmp;

import handover.devices.NearestName;
import handover.devices.Property;
import handover.devices.pci.PciAddress;
import handover.machine.DeviceNode;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpException.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The machine as QEMU's object model shows it: what the board brought, and its devices. */
final class ObjectTree {
  /** A property of an object, with its value. */
  record Entry(String name, String type, String description, Json value) {
    Json described() {
      return described(name, type, description);
    }

    private static Json described(String name, String type, String description) {
      Json.Builder entry = Json.object().with("name", name).with("type", type);
      return (description.isEmpty() ? entry : entry.with("description", description)).build();
    }
  }

  private final MonitoredMachine machine;

  ObjectTree(MonitoredMachine machine) {
    this.machine = machine;
  }

  /** A device, or a part of the board, by its path or its id. */
  DeviceNode node(String path) throws QmpException {
    return nodes()
        .filter(n -> n.path().equals(path) || n.id().equals(path))
        .findFirst()
        .orElseThrow(() -> notFound(path));
  }

  /** Devices first, so that an id is looked for there. */
  private Stream<DeviceNode> nodes() {
    return Stream.concat(machine.devices().stream(), machine.view().objects().stream());
  }

  private QmpException notFound(String path) {
    List<String> known = new ArrayList<>();
    for (DeviceNode d : machine.devices()) {
      known.add(d.path());
      known.add(d.id());
    }
    return new QmpException(
        ErrorClass.DEVICE_NOT_FOUND,
        "Device '%s' not found%s".formatted(path, NearestName.hint(path, known)));
  }

  /** What {@code qom-list} says of a path: properties, then children. */
  Json list(String path) throws QmpException {
    List<Json> entries = new ArrayList<>();
    nodes()
        .filter(n -> n.path().equals(path) || n.id().equals(path))
        .findFirst()
        .ifPresent(n -> entries(n).forEach(e -> entries.add(e.described())));
    children(path).forEach((name, type) -> entries.add(Entry.described(name, type, "")));
    if (entries.isEmpty()) {
      throw notFound(path);
    }
    return Json.of(entries);
  }

  private Map<String, String> children(String path) {
    String prefix = path.endsWith("/") ? path : path + "/";
    Map<String, String> types =
        nodes().collect(Collectors.toMap(DeviceNode::path, DeviceNode::driver, (a, b) -> a));
    return nodes()
        .map(DeviceNode::path)
        .filter(p -> p.startsWith(prefix))
        .map(p -> firstSegment(p.substring(prefix.length())))
        .collect(
            Collectors.toMap(
                name -> name,
                name -> "child<" + types.getOrDefault(prefix + name, "container") + ">",
                (a, b) -> a,
                TreeMap::new));
  }

  private static String firstSegment(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  /** A property's value. */
  Json get(String path, String name) throws QmpException {
    DeviceNode node = node(path);
    List<Entry> entries = entries(node);
    return entries.stream()
        .filter(e -> e.name().equals(name))
        .findFirst()
        .map(Entry::value)
        .orElseThrow(() -> absent(node, name, entries.stream().map(Entry::name).toList()));
  }

  /** Says that a node has no such property. */
  static QmpException absent(DeviceNode node, String name, List<String> known) {
    return QmpException.generic(
        "Property '%s.%s' not found%s"
            .formatted(node.driver(), name, NearestName.hint(name, known)));
  }

  private List<Entry> entries(DeviceNode node) {
    List<Entry> all = new ArrayList<>();
    all.add(new Entry("type", "string", "What it is.", Json.of(node.driver())));
    if (!node.bus().isEmpty()) {
      all.add(new Entry("parent_bus", "link<bus>", "", Json.of(busPath(node.bus()))));
      all.add(new Entry("realized", "bool", "", Json.of(true)));
      all.add(new Entry("hotplugged", "bool", "", Json.of(false)));
      all.add(new Entry("hotpluggable", "bool", "", Json.of(false)));
    }
    for (Property p : node.properties().declared()) {
      all.add(new Entry(p.name(), typeName(p), p.description(), value(node, p)));
      if (p.name().equals("addr")) {
        all.add(new Entry("legacy-addr", "str", "", Json.of(address(node))));
      }
    }
    return all;
  }

  /** SLOT.FUNCTION as QEMU prints it, with two digits. */
  static String address(DeviceNode node) {
    return PciAddress.parse(node.properties().text("addr"))
        .map(at -> "%02x.%x".formatted(at.slot(), at.function()))
        .orElse("");
  }

  private String busPath(String bus) {
    return machine.view().objects().stream()
        .filter(o -> o.id().equals(bus))
        .findFirst()
        .map(DeviceNode::path)
        .orElse(bus);
  }

  /** A declared property's value in its own type. */
  static Json value(DeviceNode node, Property property) {
    String text = node.properties().text(property.name());
    return switch (property.kind()) {
      case BOOL -> Json.of(text.equals("on"));
      case NUMBER -> text.isEmpty() ? Json.of("") : Json.of(Long.parseLong(text));
      case ON_OFF_AUTO, MAC, TEXT -> Json.of(text);
    };
  }

  /** QEMU's word for a property's type. */
  static String typeName(Property property) {
    return switch (property.kind()) {
      case BOOL -> "bool";
      case ON_OFF_AUTO -> "OnOffAuto";
      case NUMBER -> "uint32";
      case MAC, TEXT -> "str";
    };
  }
}
