package handover.cli;

import handover.devices.NearestName;
import handover.devices.Property;
import handover.machine.DeviceDrivers;
import handover.machine.MachineSpec.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code -global DRIVER.PROPERTY=VALUE} sets for every device of a driver that does not say
 * otherwise itself. The virtio-mmio transports belong to the board, so theirs becomes a machine
 * option.
 */
final class GlobalProperties {
  private static final Pattern SHORT = Pattern.compile("([^.=,]+)\\.([^.=,]+)=(.*)");
  private static final String TRANSPORT = "virtio-mmio";
  private static final String FORCE_LEGACY = "force-legacy";
  private static final String MACHINE_OPTION = "virtio-mmio-legacy";

  private final Map<String, Map<String, String>> byDriver = new LinkedHashMap<>();
  private final Consumer<String> problems;

  GlobalProperties(Consumer<String> problems) {
    this.problems = problems;
  }

  /** Takes one option's value; the last one given wins, as in QEMU. */
  void add(String text) {
    Matcher matcher = SHORT.matcher(text);
    if (matcher.matches()) {
      add(matcher.group(1), matcher.group(2), matcher.group(3));
      return;
    }
    Map<String, String> values = KeyValueList.parse(text, "driver", problems);
    if (values.keySet().equals(new TreeSet<>(List.of("driver", "property", "value")))) {
      add(values.get("driver"), values.get("property"), values.get("value"));
    } else {
      problems.accept("-global expects DRIVER.PROPERTY=VALUE, got '" + text + "'");
    }
  }

  private void add(String driver, String property, String value) {
    List<String> known = known(driver);
    if (known.isEmpty()) {
      List<String> drivers = new ArrayList<>(DeviceDrivers.names());
      drivers.add(TRANSPORT);
      problems.accept(
          "-global: there is no driver '%s'%s"
              .formatted(driver, NearestName.hint(driver, drivers)));
    } else if (!known.contains(property)) {
      problems.accept(
          "-global: %s has no property '%s'%s"
              .formatted(driver, property, NearestName.hint(property, known)));
    } else {
      byDriver.computeIfAbsent(driver, d -> new LinkedHashMap<>()).put(property, value);
    }
  }

  private static List<String> known(String driver) {
    return driver.equals(TRANSPORT)
        ? List.of(FORCE_LEGACY)
        : DeviceDrivers.properties(driver).stream().map(Property::name).toList();
  }

  /** The device with what is global for its driver, its own words first. */
  Backend complete(Backend device) {
    Map<String, String> values =
        new LinkedHashMap<>(byDriver.getOrDefault(device.kind(), Map.of()));
    values.putAll(device.properties());
    return new Backend(device.kind(), values);
  }

  /** The machine's options, with the transports' among them. */
  Map<String, String> complete(Map<String, String> machineOptions) {
    Map<String, String> options = new LinkedHashMap<>(machineOptions);
    String value = byDriver.getOrDefault(TRANSPORT, Map.of()).get(FORCE_LEGACY);
    if (value != null) {
      options.putIfAbsent(MACHINE_OPTION, Property.truth(value).orElse(value));
    }
    return options;
  }
}
