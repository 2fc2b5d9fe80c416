package handover.devices.virtio.net;

import handover.devices.virtio.VirtioState;
import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;
import java.util.function.ObjIntConsumer;
import java.util.function.ToIntFunction;

/** Saved state of a network device: the common virtio state, and what the driver set up. */
public final class VirtioNetState extends VirtioState {
  static final String CLASSIC_NAME = "virtio-net";
  static final int CLASSIC_VERSION = 11;

  final int maxQueuePairs;
  final NetControl control;

  /** One per queue pair: packets may be waiting to be sent. */
  final boolean[] transmitWaiting;

  VirtioNetState(Shape shape, int maxQueuePairs, byte[] mac) {
    super(shape);
    this.maxQueuePairs = maxQueuePairs;
    this.control = new NetControl(mac);
    this.transmitWaiting = new boolean[maxQueuePairs];
  }

  /** The declaration that load, save and delta come from. */
  static StateDeclaration<VirtioNetState> declareNet() {
    StateDeclaration.Builder<VirtioNetState> builder =
        VirtioState.declare(CLASSIC_NAME, CLASSIC_VERSION);
    builder
        .group("net.identity", ChangeClass.LIFE)
        .equal("max_queue_pairs", WireType.U16, s -> s.maxQueuePairs)
        .group("net.mac", ChangeClass.CONTROL)
        .bytes("mac", s -> s.control.mac)
        .group("net.status", ChangeClass.CONTROL)
        .scalar("status", WireType.U16, s -> s.control.status, (s, v) -> s.control.status = (int) v)
        .group("net.queue_pairs", ChangeClass.CONTROL)
        .scalar(
            "curr_queue_pairs",
            WireType.U16,
            s -> s.control.queuePairs,
            (s, v) -> s.queuePairs((int) v))
        .group("net.offloads", ChangeClass.CONTROL)
        .scalar(
            "curr_guest_offloads",
            WireType.U64,
            s -> s.control.guestOffloads,
            (s, v) -> s.control.guestOffloads = v);
    declareFilters(builder);
    return builder
        .group("net.transmit", ChangeClass.HOT)
        .array(
            "tx_waiting",
            WireType.BOOL,
            s -> s.maxQueuePairs,
            (s, i) -> s.transmitWaiting[i] ? 1 : 0,
            (s, i, v) -> s.transmitWaiting[i] = v != 0)
        .classic(new NetClassicCodec())
        .build();
  }

  private static void declareFilters(StateDeclaration.Builder<VirtioNetState> builder) {
    builder.group("net.rx_modes", ChangeClass.CONTROL);
    flag(builder, "promisc", c -> c.promiscuous ? 1 : 0, (c, v) -> c.promiscuous = v != 0);
    flag(builder, "allmulti", c -> c.allMulticast ? 1 : 0, (c, v) -> c.allMulticast = v != 0);
    flag(builder, "alluni", c -> c.allUnicast ? 1 : 0, (c, v) -> c.allUnicast = v != 0);
    flag(builder, "nomulti", c -> c.noMulticast ? 1 : 0, (c, v) -> c.noMulticast = v != 0);
    flag(builder, "nouni", c -> c.noUnicast ? 1 : 0, (c, v) -> c.noUnicast = v != 0);
    flag(builder, "nobcast", c -> c.noBroadcast ? 1 : 0, (c, v) -> c.noBroadcast = v != 0);
    builder.group("net.mac_table", ChangeClass.CONTROL);
    flag(
        builder,
        "mac_table.multi_overflow",
        c -> c.multicastOverflow ? 1 : 0,
        (c, v) -> c.multicastOverflow = v != 0);
    flag(
        builder,
        "mac_table.uni_overflow",
        c -> c.unicastOverflow ? 1 : 0,
        (c, v) -> c.unicastOverflow = v != 0);
    builder
        .scalar(
            "mac_table.in_use",
            WireType.U32,
            s -> s.control.tableEntries,
            (s, v) -> s.tableEntries(v))
        .array(
            "mac_table.macs",
            WireType.U8,
            s -> s.control.tableEntries * NetControl.MAC_BYTES,
            (s, i) -> s.control.table[i],
            (s, i, v) -> s.control.table[i] = (byte) v)
        .group("net.vlans", ChangeClass.CONTROL)
        .bytes("vlans", s -> s.control.vlans);
  }

  private static void flag(
      StateDeclaration.Builder<VirtioNetState> builder,
      String name,
      ToIntFunction<NetControl> get,
      ObjIntConsumer<NetControl> set) {
    builder.scalar(
        name,
        WireType.BOOL,
        s -> get.applyAsInt(s.control),
        (s, v) -> set.accept(s.control, (int) v));
  }

  /** Sets the number of queue pairs in use, if there can be so many. */
  void queuePairs(int pairs) {
    if (pairs < 1 || pairs > maxQueuePairs) {
      throw new StreamException(
          "virtio-net: expected 1 to %d queue pairs in use, found %d; start both sides with the same queues="
              .formatted(maxQueuePairs, pairs));
    }
    control.queuePairs = pairs;
  }

  /** Sets the number of address table entries, if there can be so many. */
  void tableEntries(long entries) {
    if (entries < 0 || entries > NetControl.MAC_TABLE_ENTRIES) {
      throw new StreamException(
          "virtio-net: expected at most %d address table entries, found %d"
              .formatted(NetControl.MAC_TABLE_ENTRIES, entries));
    }
    control.tableEntries = (int) entries;
  }
}
