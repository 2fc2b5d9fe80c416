package handover.machine;

import handover.devices.CharacterBackend;
import handover.devices.Chardevs;
import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.console.SerialPort;
import handover.devices.virtio.console.VirtioConsole;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The {@code virtconsole}s and {@code virtserialport}s among a machine's devices. As in QEMU each
 * belongs to the last {@code virtio-serial-device} or {@code virtio-serial-pci} before it.
 */
final class SerialPorts {
  private static final String BUS = "virtio-serial-";

  private static final List<Property> PROPERTIES =
      List.of(
          property("chardev", Property.Kind.TEXT, "Id of the -chardev at the far end."),
          property("name", Property.Kind.TEXT, "What the guest calls the port."),
          property(
              "nr", Property.Kind.TEXT, "Number of the port; the first free one if not given."));

  private final Chardevs chardevs;
  private final Consumer<String> problems;

  /** By identity: two buses may be described alike. */
  private final IdentityHashMap<MachineSpec.Backend, List<SerialPort>> ports =
      new IdentityHashMap<>();

  private SerialPorts(Chardevs chardevs, Consumer<String> problems) {
    this.chardevs = chardevs;
    this.problems = problems;
  }

  private static Property property(String name, Property.Kind kind, String description) {
    return new Property(name, kind, "", false, description);
  }

  /** What can be set for a port. */
  static List<Property> declaredProperties() {
    return PROPERTIES;
  }

  /** Whether a device is a port of another. */
  static boolean isPort(MachineSpec.Backend device) {
    return device.kind().equals(SerialPort.CONSOLE_DRIVER)
        || device.kind().equals(SerialPort.CHANNEL_DRIVER);
  }

  /** Opens every port's far end; every problem goes to {@code problems}. */
  static SerialPorts of(
      List<MachineSpec.Backend> devices, Chardevs chardevs, Consumer<String> problems) {
    SerialPorts all = new SerialPorts(chardevs, problems);
    Optional<MachineSpec.Backend> bus = Optional.empty();
    for (MachineSpec.Backend device : devices) {
      if (device.kind().startsWith(BUS)) {
        bus = Optional.of(device);
      } else if (isPort(device)) {
        all.plug(bus, device);
      }
    }
    return all;
  }

  /** The ports of a bus. */
  List<SerialPort> of(MachineSpec.Backend bus) {
    return ports.getOrDefault(bus, List.of());
  }

  private void plug(Optional<MachineSpec.Backend> bus, MachineSpec.Backend device) {
    if (bus.isEmpty()) {
      problems.accept(
          "%s: there is no -device %s before it".formatted(device.kind(), VirtioConsole.DRIVER));
      return;
    }
    Map<String, String> given = new LinkedHashMap<>(device.properties());
    given.remove("id");
    List<String> found = new ArrayList<>();
    PropertyValues values = PropertyValues.bind(device.kind(), PROPERTIES, given, found::add);
    List<SerialPort> there = ports.computeIfAbsent(bus.get(), b -> new ArrayList<>());
    boolean console = device.kind().equals(SerialPort.CONSOLE_DRIVER);
    int number = number(values.text("nr"), console, there, found::add);
    Optional<CharacterBackend> backend =
        chardevs.open(device.kind(), values.text("chardev"), found::add);
    if (found.isEmpty()) {
      there.add(new SerialPort(number, console, values.text("name"), backend.orElseThrow()));
    }
    found.forEach(problems);
  }

  /** Port 0 is for a console: drivers that know one port only make a terminal of it. */
  private static int number(
      String asked, boolean console, List<SerialPort> there, Consumer<String> problems) {
    if (asked.matches("[0-9]{1,3}")) {
      return Integer.parseInt(asked);
    }
    if (!asked.isEmpty()) {
      problems.accept("nr expects the number of a port, got '" + asked + "'");
    }
    int number = console ? 0 : 1;
    while (isTaken(there, number)) {
      number++;
    }
    return number;
  }

  private static boolean isTaken(List<SerialPort> there, int number) {
    return there.stream().anyMatch(p -> p.number() == number);
  }
}
