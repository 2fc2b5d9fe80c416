package handover.machine;

import handover.devices.NearestName;
import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.PciProperties;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.block.VirtioBlock;
import handover.devices.virtio.console.SerialPort;
import handover.devices.virtio.console.VirtioConsole;
import handover.devices.virtio.entropy.VirtioEntropy;
import handover.devices.virtio.net.VirtioNet;
import handover.memory.GuestMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The drivers that {@code -device} accepts, with their properties. Each is declared once and comes
 * in two names: {@code virtio-…-device} on virtio-mmio, {@code virtio-…-pci} on PCI.
 */
public final class DeviceDrivers {
  private static final String ITERATIVE = VirtioDevice.ITERATIVE_MIGRATION.name();
  private static final String ON_MMIO = "-device";
  private static final String ON_PCI = "-pci";

  /** How a driver's device is made from its own properties. */
  private interface Factory {
    Optional<? extends VirtioDevice<?>> create(
        DeviceDrivers drivers,
        MachineSpec.Backend spec,
        Map<String, String> given,
        Consumer<String> problems);
  }

  private record Driver(List<Property> properties, Factory factory) {}

  /** By the name on virtio-mmio. */
  private static final Map<String, Driver> DECLARED =
      Map.of(
          VirtioNet.DRIVER,
          new Driver(
              VirtioNet.declaredProperties(),
              (d, spec, given, problems) ->
                  VirtioNet.create(
                      given, d.networkDevices++, d.backends::netdev, d.memory, problems)),
          VirtioBlock.DRIVER,
          new Driver(
              VirtioBlock.declaredProperties(),
              (d, spec, given, problems) ->
                  VirtioBlock.create(given, d.backends::drive, d.memory, problems)),
          VirtioEntropy.DRIVER,
          new Driver(
              VirtioEntropy.declaredProperties(),
              (d, spec, given, problems) -> VirtioEntropy.create(given, d.memory, problems)),
          VirtioConsole.DRIVER,
          new Driver(
              VirtioConsole.declaredProperties(),
              (d, spec, given, problems) ->
                  VirtioConsole.create(given, d.ports.of(spec), d.memory, problems)));

  private static final Map<String, List<Property>> DRIVERS = named();

  private final MachineVersion version;
  private final int harts;
  private final GuestMemory memory;
  private final BackendSet backends;
  private final SerialPorts ports;
  private int networkDevices;

  /**
   * A device as made, still to be plugged.
   *
   * @param pci its properties as a PCI function; empty on virtio-mmio
   */
  record Made(String driver, VirtioDevice<?> device, Optional<PropertyValues> pci) {
    /** Everything that can be set of it. */
    PropertyValues properties() {
      return pci.map(device.properties()::and).orElse(device.properties());
    }
  }

  DeviceDrivers(BoardShape shape, GuestMemory memory, BackendSet backends, SerialPorts ports) {
    this.version = shape.version();
    this.harts = shape.harts();
    this.memory = memory;
    this.backends = backends;
    this.ports = ports;
  }

  private static Map<String, List<Property>> named() {
    Map<String, List<Property>> all = new TreeMap<>();
    DECLARED.forEach(
        (name, driver) -> {
          all.put(name, driver.properties());
          List<Property> both = new ArrayList<>(driver.properties());
          both.addAll(PciProperties.declared());
          all.put(onPci(name), List.copyOf(both));
        });
    all.put(SerialPort.CONSOLE_DRIVER, SerialPorts.declaredProperties());
    all.put(SerialPort.CHANNEL_DRIVER, SerialPorts.declaredProperties());
    return all;
  }

  private static String onPci(String name) {
    return name.substring(0, name.length() - ON_MMIO.length()) + ON_PCI;
  }

  /** Names after {@code -device}, sorted. */
  public static List<String> names() {
    return List.copyOf(DRIVERS.keySet());
  }

  /** What can be set for a driver; empty for an unknown one. */
  public static List<Property> properties(String driver) {
    return DRIVERS.getOrDefault(driver, List.of());
  }

  /** Makes the device; every problem goes to {@code problems}. */
  Optional<Made> create(MachineSpec.Backend spec, Consumer<String> problems) {
    String typed = spec.kind();
    if (!DRIVERS.containsKey(typed)) {
      problems.accept(
          "-device: there is no driver '%s'%s"
              .formatted(typed, NearestName.hint(typed, DRIVERS.keySet())));
      return Optional.empty();
    }
    boolean pci = typed.endsWith(ON_PCI);
    Map<String, String> given = known(spec, problems);
    if (pci && declares(typed, VirtioBlock.NUM_QUEUES)) {
      given.putIfAbsent(VirtioBlock.NUM_QUEUES, Integer.toString(harts));
    }
    Map<String, String> ofFunction = pci ? takeAll(given, PciProperties.declared()) : Map.of();
    Optional<PropertyValues> function =
        pci ? Optional.of(PciProperties.bind(typed, ofFunction, problems)) : Optional.empty();
    String name = pci ? typed.substring(0, typed.length() - ON_PCI.length()) + ON_MMIO : typed;
    return DECLARED
        .get(name)
        .factory()
        .create(this, spec, given, problem -> problems.accept(problem.replace(name, typed)))
        .map(device -> new Made(typed, device, function));
  }

  private static boolean declares(String driver, String property) {
    return properties(driver).stream().anyMatch(p -> p.name().equals(property));
  }

  /** What was given and exists; {@code iterative-mig} as the machine's version means it. */
  private Map<String, String> known(MachineSpec.Backend spec, Consumer<String> problems) {
    List<String> names = properties(spec.kind()).stream().map(Property::name).toList();
    Map<String, String> given = new LinkedHashMap<>(spec.properties());
    given.remove("id");
    given
        .keySet()
        .removeIf(
            name -> {
              if (!names.contains(name)) {
                problems.accept(
                    "%s has no property '%s'%s"
                        .formatted(spec.kind(), name, NearestName.hint(name, names)));
              }
              return !names.contains(name);
            });
    if (!version.autoNegotiates() && given.getOrDefault(ITERATIVE, "auto").equals("auto")) {
      given.put(ITERATIVE, "off");
    }
    return given;
  }

  private static Map<String, String> takeAll(Map<String, String> given, List<Property> properties) {
    Map<String, String> taken = new HashMap<>();
    for (Property property : properties) {
      Optional.ofNullable(given.remove(property.name()))
          .ifPresent(value -> taken.put(property.name(), value));
    }
    return taken;
  }
}
