package handover.monitor.hmp;

import handover.devices.Property;
import handover.machine.DeviceNode;
import handover.monitor.MonitoredMachine;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@code info qtree} prints: buses, what sits on them, and its properties. */
final class DeviceTreeLines {
  private static final String ROOT = "sysbus";

  private final List<DeviceNode> nodes;
  private final StringBuilder text = new StringBuilder();

  private DeviceTreeLines(List<DeviceNode> nodes) {
    this.nodes = nodes;
  }

  static String of(MonitoredMachine machine) {
    DeviceTreeLines lines =
        new DeviceTreeLines(
            Stream.concat(machine.view().objects().stream(), machine.devices().stream()).toList());
    Optional<DeviceNode> root = lines.nodes.stream().filter(n -> n.id().equals(ROOT)).findFirst();
    root.ifPresent(bus -> lines.bus("", "main-system-bus", bus));
    return lines.text.toString();
  }

  private void bus(String indent, String name, DeviceNode bus) {
    text.append("%sbus: %s\n%s  type %s\n".formatted(indent, name, indent, bus.driver()));
    nodes.stream()
        .filter(n -> n.bus().equals(bus.id()))
        .forEach(device -> device(indent + "  ", device));
  }

  private void device(String indent, DeviceNode device) {
    boolean named = device.path().startsWith("/machine/peripheral/");
    text.append(
        "%sdev: %s, id \"%s\"\n".formatted(indent, device.driver(), named ? device.id() : ""));
    for (Property property : device.properties().declared()) {
      text.append("%s  %s = %s\n".formatted(indent, property.name(), value(device, property)));
    }
    String inside = device.path() + "/";
    nodes.stream()
        .filter(n -> n.path().startsWith(inside) && n.bus().isEmpty())
        .forEach(bus -> bus(indent + "  ", bus.id(), bus));
  }

  private static String value(DeviceNode device, Property property) {
    String value = device.properties().text(property.name());
    return switch (property.kind()) {
      case BOOL -> value.equals("on") ? "true" : "false";
      case NUMBER -> value;
      case ON_OFF_AUTO, MAC, TEXT -> '"' + value + '"';
    };
  }
}
