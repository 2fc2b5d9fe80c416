package handover.machine;

import handover.devices.NearestName;
import handover.devices.Property;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.block.VirtioBlock;
import handover.devices.virtio.entropy.VirtioEntropy;
import handover.devices.virtio.net.VirtioNet;
import handover.memory.GuestMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The drivers that {@code -device} accepts, with their properties. */
public final class DeviceDrivers {
  private static final String ITERATIVE = "iterative-mig";

  private static final Map<String, List<Property>> DRIVERS =
      new TreeMap<>(
          Map.of(
              VirtioNet.DRIVER, VirtioNet.declaredProperties(),
              VirtioBlock.DRIVER, VirtioBlock.declaredProperties(),
              VirtioEntropy.DRIVER, VirtioEntropy.declaredProperties()));

  private final MachineVersion version;
  private final GuestMemory memory;
  private final BackendSet backends;
  private int networkDevices;

  DeviceDrivers(MachineVersion version, GuestMemory memory, BackendSet backends) {
    this.version = version;
    this.memory = memory;
    this.backends = backends;
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
  Optional<? extends VirtioDevice<?>> create(MachineSpec.Backend spec, Consumer<String> problems) {
    Map<String, String> given = new LinkedHashMap<>(spec.properties());
    given.remove("id");
    if (!version.autoNegotiates() && given.getOrDefault(ITERATIVE, "auto").equals("auto")) {
      given.put(ITERATIVE, "off");
    }
    return switch (spec.kind()) {
      case VirtioNet.DRIVER ->
          VirtioNet.create(given, networkDevices++, backends::netdev, memory, problems);
      case VirtioBlock.DRIVER -> VirtioBlock.create(given, backends::drive, memory, problems);
      case VirtioEntropy.DRIVER -> VirtioEntropy.create(given, memory, problems);
      default -> {
        problems.accept(
            "-device: there is no driver '%s'%s"
                .formatted(spec.kind(), NearestName.hint(spec.kind(), DRIVERS.keySet())));
        yield Optional.empty();
      }
    };
  }
}
