package handover.devices.virtio.console;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.RingProperties;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioIdentity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The properties of {@code virtio-serial-device}, by QEMU's names, and what they make of it. */
final class ConsoleProperties {
  private static final String DRIVER = VirtioConsole.DRIVER;
  private static final int DEVICE_ID = 3;
  private static final int PORT_QUEUE_SIZE = 128;
  private static final int CONTROL_QUEUE_SIZE = 32;

  /** Every property. */
  static final List<Property> DECLARED =
      RingProperties.after(
          List.of(
              Property.number("max_ports", "31", "Most ports, 1 to 31."),
              Property.number("cols", "0", "Columns of the terminals; 0: not said."),
              Property.number("rows", "0", "Rows of the terminals; 0: not said."),
              Property.flag(
                  "emergency-write", "on", "A driver may print before it has set up a queue."),
              VirtioDevice.ITERATIVE_MIGRATION));

  private ConsoleProperties() {}

  /**
   * Binds and checks.
   *
   * @param given as typed
   * @param ports what is plugged into the device
   * @return the values, if nothing was wrong with them
   */
  static Optional<PropertyValues> bind(
      Map<String, String> given, List<SerialPort> ports, Consumer<String> problems) {
    List<String> found = new ArrayList<>();
    PropertyValues values = PropertyValues.bind(DRIVER, DECLARED, given, found::add);
    if (found.isEmpty()) {
      check(values, ports, found::add);
    }
    found.forEach(problems);
    return found.isEmpty() ? Optional.of(values) : Optional.empty();
  }

  private static void check(
      PropertyValues values, List<SerialPort> ports, Consumer<String> problems) {
    int most = values.number("max_ports");
    if (most < 1 || most > VirtioConsole.MOST_PORTS) {
      problems.accept(
          "%s: max_ports expects 1 to %d, got %d"
              .formatted(DRIVER, VirtioConsole.MOST_PORTS, most));
    }
    for (String size : List.of("cols", "rows")) {
      if (values.number(size) > 0xffff) {
        problems.accept("%s: %s expects at most 65535".formatted(DRIVER, size));
      }
    }
    for (SerialPort port : ports) {
      if (port.number() >= most) {
        problems.accept(
            "%s: there is no port %d with max_ports=%d".formatted(DRIVER, port.number(), most));
      }
      if (ports.stream().filter(p -> p.number() == port.number()).count() > 1) {
        problems.accept("%s: port %d is there twice".formatted(DRIVER, port.number()));
      }
    }
  }

  /** What the device is and offers. */
  static VirtioIdentity identity(PropertyValues values) {
    boolean emergency = values.flag("emergency-write");
    boolean sized = values.number("cols") > 0 && values.number("rows") > 0;
    int most = values.number("max_ports");
    List<Integer> sizes = new ArrayList<>(Collections.nCopies(2 * most + 2, PORT_QUEUE_SIZE));
    sizes.set(VirtioConsole.CONTROL_INPUT, CONTROL_QUEUE_SIZE);
    sizes.set(VirtioConsole.CONTROL_OUTPUT, CONTROL_QUEUE_SIZE);
    return new VirtioIdentity(
        "virtio-console",
        DEVICE_ID,
        (most > 1 ? ConsoleFeatures.MULTIPORT : 0)
            | (emergency ? ConsoleFeatures.EMERGENCY_WRITE : 0)
            | (sized ? ConsoleFeatures.SIZE : 0),
        VirtioConsole.EMERGENCY_WRITE + (emergency ? Integer.BYTES : 0),
        sizes);
  }
}
