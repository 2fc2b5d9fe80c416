package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.ANY;
import static handover.monitor.qmp.QmpType.Builtin.BOOL;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.devices.NearestName;
import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.machine.DeviceDrivers;
import handover.machine.DeviceNode;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpException.ErrorClass;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The device tree as QEMU's object model shows it. */
final class QomCommands {
  /** Read anew at every migration, so it may change while the machine runs. */
  private static final Set<String> CHANGEABLE = Set.of("iterative-mig");

  private static final Struct PROPERTY_INFO =
      new Struct(
          "ObjectPropertyInfo",
          List.of(
              Member.required("name", STR, "Property or child."),
              Member.required("type", STR, "Its type; child<DRIVER> for a child."),
              Member.optional("description", STR, "What it is for.")));

  private static final Struct DEVICE_INFO =
      new Struct(
          "XDeviceInfo",
          List.of(
              Member.required("id", STR, "id=, or the last part of its path."),
              Member.required("driver", STR, "Device driver."),
              Member.required("qom-path", STR, "For qom-get."),
              Member.required(
                  "properties",
                  new ArrayOf(
                      new Struct(
                          "XPropertyValue",
                          List.of(
                              Member.required("name", STR, "Property."),
                              Member.required("value", ANY, "Current value."),
                              Member.required(
                                  "agreed", BOOL, "Whether a migration needs it equal.")))),
                  "All of them.")));

  private static final Member PATH =
      Member.required("path", STR, "Absolute path, or a device's id.");
  private static final Member PROPERTY = Member.required("property", STR, "Property name.");

  private final ObjectTree tree;

  private QomCommands(ObjectTree tree) {
    this.tree = tree;
  }

  static List<Command> of(MonitoredMachine machine) {
    ObjectTree tree = new ObjectTree(machine);
    QomCommands c = new QomCommands(tree);
    return List.of(
        Command.query(
            "qom-list",
            "Properties and children of a path.",
            List.of(PATH),
            new ArrayOf(PROPERTY_INFO),
            a -> tree.list(a.text("path").orElseThrow())),
        Command.query(
            "qom-list-properties",
            "Properties of a kind of device.",
            List.of(Member.required("typename", STR, "Device driver.")),
            new ArrayOf(PROPERTY_INFO),
            a -> listProperties(a.text("typename").orElseThrow())),
        Command.query(
            "qom-get",
            "A property's value, of a device or of the machine.",
            List.of(PATH, PROPERTY),
            ANY,
            a -> tree.get(a.text("path").orElseThrow(), a.text("property").orElseThrow())),
        Command.action(
            "qom-set",
            "Changes a device property.",
            List.of(PATH, PROPERTY, Member.required("value", ANY, "New value.")),
            c::set),
        Command.query(
            "x-query-devices",
            "Every device with every property.",
            List.of(),
            new ArrayOf(DEVICE_INFO),
            a -> Json.of(machine.devices().stream().map(QomCommands::describe).toList())));
  }

  private static Json listProperties(String typename) throws QmpException {
    List<Property> declared = DeviceDrivers.properties(typename);
    if (declared.isEmpty()) {
      throw new QmpException(
          ErrorClass.DEVICE_NOT_FOUND,
          "Class '%s' not found%s"
              .formatted(typename, NearestName.hint(typename, DeviceDrivers.names())));
    }
    return Json.of(
        declared.stream()
            .map(
                p ->
                    new ObjectTree.Entry(
                            p.name(), ObjectTree.typeName(p), p.description(), Json.Null.NULL)
                        .described())
            .toList());
  }

  private void set(Json.Obj arguments) throws QmpException {
    DeviceNode device = tree.node(arguments.text("path").orElseThrow());
    Property property = property(device, arguments.text("property").orElseThrow());
    if (!CHANGEABLE.contains(property.name())) {
      throw QmpException.generic(
          "Property '%s.%s' is fixed once the machine exists; give it with -device"
              .formatted(device.driver(), property.name()));
    }
    String text = text(arguments.get("value").orElseThrow());
    List<String> problems = new ArrayList<>();
    PropertyValues.bind(
        device.driver(), List.of(property), Map.of(property.name(), text), problems::add);
    if (!problems.isEmpty()) {
      throw QmpException.generic(String.join("; ", problems));
    }
    device.properties().set(property.name(), text);
  }

  private static Property property(DeviceNode device, String name) throws QmpException {
    List<Property> declared = device.properties().declared();
    return declared.stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> ObjectTree.absent(device, name, declared.stream().map(Property::name).toList()));
  }

  private static String text(Json value) {
    return switch (value) {
      case Json.Str(String text) -> text;
      case Json.Bool(boolean flag) -> flag ? "on" : "off";
      default -> value.toString();
    };
  }

  private static Json describe(DeviceNode device) {
    return Json.object()
        .with("id", device.id())
        .with("driver", device.driver())
        .with("qom-path", device.path())
        .with(
            "properties",
            Json.of(
                device.properties().declared().stream()
                    .map(
                        p ->
                            Json.object()
                                .with("name", p.name())
                                .with("value", ObjectTree.value(device, p))
                                .with("agreed", p.agreed())
                                .build())
                    .toList()))
        .build();
  }
}
