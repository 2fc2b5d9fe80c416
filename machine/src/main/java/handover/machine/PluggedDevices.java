package handover.machine;

import handover.devices.Property;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioPci;
import handover.devices.virtio.net.VirtioNet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The virtio devices of a board, in the order of {@code -device}, and what monitors call them. */
final class PluggedDevices {
  private final List<VirtioDevice<?>> devices = new ArrayList<>();
  private final List<DeviceNode> nodes = new ArrayList<>();
  private final List<VirtioPci> functions;

  /** Makes and plugs what is wanted; every problem goes to {@code problems}. */
  PluggedDevices(
      List<MachineSpec.Backend> wanted,
      DeviceDrivers drivers,
      VirtioSlots slots,
      Consumer<String> problems) {
    for (MachineSpec.Backend each : wanted) {
      if (!SerialPorts.isPort(each)) {
        drivers
            .create(each, problems)
            .ifPresent(
                made -> slots.plug(made, problems).ifPresent(bus -> register(each, made, bus)));
      }
    }
    slots.close(problems);
    functions = List.copyOf(slots.functions());
  }

  private void register(MachineSpec.Backend wanted, DeviceDrivers.Made made, String bus) {
    devices.add(made.device());
    String path =
        wanted
            .id()
            .map(id -> "/machine/peripheral/" + id)
            .orElse("/machine/peripheral-anon/device[" + nodes.size() + "]");
    nodes.add(
        new DeviceNode(
            wanted.id().orElse(wanted.kind() + nodes.size()),
            wanted.kind(),
            path,
            made.device().sectionName(),
            made.properties(),
            bus));
  }

  List<VirtioDevice<?>> devices() {
    return devices;
  }

  List<DeviceNode> nodes() {
    return nodes;
  }

  /** Those of them that are on PCI. */
  List<VirtioPci> functions() {
    return functions;
  }

  /** The same with the names that monitors have for them. */
  List<BoardView.Plugged> named() {
    return IntStream.range(0, nodes.size())
        .mapToObj(i -> new BoardView.Plugged(nodes.get(i), devices.get(i)))
        .toList();
  }

  /** Properties that must have the same values on both sides of a move. */
  Map<String, String> agreed() {
    Map<String, String> agreed = new LinkedHashMap<>();
    for (DeviceNode node : nodes) {
      for (Property property : node.properties().declared()) {
        if (property.agreed()) {
          String name = property.name();
          agreed.put(node.sectionName() + "." + name, node.properties().text(name));
        }
      }
    }
    return agreed;
  }

  /** Tells the networks where the guest is now. */
  void announceSelf() {
    devices.stream()
        .filter(VirtioNet.class::isInstance)
        .map(VirtioNet.class::cast)
        .forEach(
            net -> {
              net.announceSelf();
              net.announce();
            });
  }

  /** Ends their workers. */
  void close() {
    devices.forEach(VirtioDevice::close);
  }
}
