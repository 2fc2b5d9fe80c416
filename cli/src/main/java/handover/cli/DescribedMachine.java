package handover.cli;

import handover.machine.MachineSpec;
import handover.machine.MachineSpec.Backend;
import handover.machine.MachineSpecException;
import handover.machine.VirtualMachine;
import handover.migration.StateDump;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A machine that is built to be described and never runs: its networks and serial lines are not
 * connected, and it needs no kernel.
 */
final class DescribedMachine {
  private static final String UNPLUGGED = "none";

  private DescribedMachine() {}

  /**
   * What the machine's migration would consist of.
   *
   * @throws MachineSpecException with every problem found
   */
  static StateDump dump(MachineSpec asked) throws MachineSpecException {
    try (VirtualMachine machine = VirtualMachine.create(unconnected(asked))) {
      return machine.migration().describe();
    }
  }

  private static MachineSpec unconnected(MachineSpec asked) {
    List<Backend> netdevs = new ArrayList<>();
    asked.netdevs().forEach(n -> n.id().ifPresent(id -> netdevs.add(unplugged(n, id))));
    List<Backend> devices = new ArrayList<>();
    asked.devices().forEach(d -> devices.add(withNetdev(d, netdevs)));
    return asked.toBuilder()
        .chardevs(
            asked.chardevs().stream()
                .flatMap(c -> c.id().stream())
                .map(DescribedMachine::nobody)
                .toList())
        .netdevs(netdevs)
        .devices(devices)
        .startPaused(true)
        .awaitingGuest()
        .build();
  }

  private static Backend nobody(String id) {
    return new Backend("null", Map.of("id", id));
  }

  /** What a device offers depends on who works its rings. */
  private static Backend unplugged(Backend netdev, String id) {
    String pairs = netdev.properties().getOrDefault("queues", "1");
    return netdev.kind().equals("vhost-user")
        ? new Backend(UNPLUGGED, Map.of("id", id, "rings", pairs))
        : unplugged(id);
  }

  private static Backend unplugged(String id) {
    return new Backend(UNPLUGGED, Map.of("id", id));
  }

  /** A network device may be described without saying what it would be connected to. */
  private static Backend withNetdev(Backend device, List<Backend> netdevs) {
    if (!device.kind().startsWith("virtio-net-") || device.properties().containsKey("netdev")) {
      return device;
    }
    String id = "unplugged" + netdevs.size();
    netdevs.add(unplugged(id));
    Map<String, String> properties = new LinkedHashMap<>(device.properties());
    properties.put("netdev", id);
    return new Backend(device.kind(), properties);
  }
}
