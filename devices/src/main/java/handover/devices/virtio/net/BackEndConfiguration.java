package handover.devices.virtio.net;

import handover.devices.virtio.backend.ControlClass;
import handover.devices.virtio.backend.ControlState;
import handover.devices.virtio.backend.Hashing;
import handover.devices.virtio.backend.InterruptLimits;
import handover.devices.virtio.backend.MacAddress;
import handover.devices.virtio.backend.MacTable;
import handover.devices.virtio.backend.NetConfiguration;
import handover.devices.virtio.backend.ReceiveModes;
import handover.devices.virtio.backend.VlanSet;
import handover.memory.GuestMemory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a network device's state means to a back end that serves the rings itself. */
final class BackEndConfiguration {
  private static final Map<ControlClass, Long> FEATURES =
      Map.of(
          ControlClass.MAC, NetFeatures.CTRL_MAC_ADDR,
          ControlClass.RX, NetFeatures.CTRL_RX,
          ControlClass.RX_EXTRA, NetFeatures.CTRL_RX_EXTRA,
          ControlClass.QUEUE_PAIRS, NetFeatures.MQ,
          ControlClass.STEERING, NetFeatures.RSS,
          ControlClass.HASH_REPORT, NetFeatures.HASH_REPORT,
          ControlClass.OFFLOADS, NetFeatures.CTRL_GUEST_OFFLOADS,
          ControlClass.VLAN, NetFeatures.CTRL_VLAN,
          ControlClass.COALESCING, NetFeatures.NOTF_COAL,
          ControlClass.QUEUE_COALESCING, NetFeatures.VQ_NOTF_COAL);

  private BackEndConfiguration() {}

  /**
   * Derives it.
   *
   * @param state the device's, early or complete
   * @param memoryBytes see {@link #reachable}
   */
  static NetConfiguration of(VirtioNetState state, long memoryBytes) {
    long features = state.guestFeatures();
    Set<ControlClass> allowed = EnumSet.noneOf(ControlClass.class);
    if ((features & NetFeatures.CTRL_VQ) != 0) {
      FEATURES.forEach(
          (kind, feature) -> {
            if ((features & feature) != 0) {
              allowed.add(kind);
            }
          });
    }
    return new NetConfiguration(
        memoryBytes,
        state.driverReady(),
        features,
        allowed,
        state.enabledQueues(),
        ControlState.initial(
            features & NetFeatures.GUEST_OFFLOADS, (features & NetFeatures.CTRL_VLAN) != 0),
        control(state.control));
  }

  /** Bytes of guest memory that a device may be told to read or write. */
  static long reachable(GuestMemory memory) {
    return memory.mappings().stream()
        .filter(GuestMemory.Mapping::writable)
        .mapToLong(m -> m.block().size())
        .sum();
  }

  static ControlState control(NetControl c) {
    return new ControlState(
        MacAddress.of(c.mac, 0),
        new MacTable(addresses(c), c.unicastOverflow, c.multicastOverflow),
        c.queuePairs,
        hashing(c.rss),
        c.guestOffloads,
        new ReceiveModes(
            c.promiscuous, c.allMulticast, c.allUnicast, c.noMulticast, c.noUnicast, c.noBroadcast),
        VlanSet.of(BitSet.valueOf(c.vlans)),
        limits(c.coalescing));
  }

  private static InterruptLimits limits(Coalescing wish) {
    if (wish.isOff()) {
      return InterruptLimits.NONE;
    }
    List<InterruptLimits.Limit> queues = new ArrayList<>(wish.packets.length);
    for (int i = 0; i < wish.packets.length; i++) {
      queues.add(new InterruptLimits.Limit(wish.packets[i], wish.microseconds[i]));
    }
    return new InterruptLimits(queues);
  }

  /** The key with its trailing zeros, which do not change what it does. */
  private static Hashing hashing(RssConfig rss) {
    if (!rss.enabled) {
      return Hashing.OFF;
    }
    List<Integer> key = new ArrayList<>();
    for (byte b : rss.key) {
      key.add(b & 0xff);
    }
    if (!rss.redirect) {
      return new Hashing.Report(rss.hashTypes, key);
    }
    List<Integer> table = new ArrayList<>();
    for (int i = 0; i < rss.tableLength; i++) {
      table.add(rss.table[i] & 0xffff);
    }
    return new Hashing.Steering(rss.hashTypes, table, rss.defaultPair, key);
  }

  private static List<MacAddress> addresses(NetControl c) {
    List<MacAddress> addresses = new ArrayList<>(c.tableEntries);
    for (int i = 0; i < c.tableEntries; i++) {
      addresses.add(MacAddress.of(c.table, i * NetControl.MAC_BYTES));
    }
    return addresses;
  }
}
