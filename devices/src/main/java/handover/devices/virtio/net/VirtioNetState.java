package handover.devices.virtio.net;

import handover.devices.virtio.OfferedForm;
import handover.devices.virtio.VirtioState;
import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;
import java.util.Arrays;
import java.util.function.ObjIntConsumer;
import java.util.function.ToIntFunction;

/** Saved state of a network device: the common virtio state, and what the driver set up. */
public final class VirtioNetState extends VirtioState {
  static final String CLASSIC_NAME = "virtio-net";
  static final int CLASSIC_VERSION = 11;
  private static final String MAX_QUEUE_PAIRS = "max_queue_pairs";

  final int maxQueuePairs;
  final NetControl control;

  /** One per queue pair: packets may be waiting to be sent. */
  final boolean[] transmitWaiting;

  private boolean loadingEachQueue;

  VirtioNetState(Shape shape, int maxQueuePairs, byte[] mac) {
    super(shape);
    this.maxQueuePairs = maxQueuePairs;
    this.control = new NetControl(mac, maxQueuePairs);
    this.transmitWaiting = new boolean[maxQueuePairs];
  }

  /** The form of a device somewhere else. */
  public static OfferedForm<VirtioNetState> offered() {
    return new OfferedForm<>(
        VirtioNet.DECLARATION,
        life ->
            new VirtioNetState(
                Shape.of(life),
                Math.max(1, life.count(MAX_QUEUE_PAIRS, NetProperties.MAX_QUEUE_PAIRS)),
                new byte[NetControl.MAC_BYTES]));
  }

  /** The declaration that load, save and delta come from. */
  static StateDeclaration<VirtioNetState> declareNet() {
    StateDeclaration.Builder<VirtioNetState> builder =
        VirtioState.declare(CLASSIC_NAME, CLASSIC_VERSION);
    builder
        .group("net.identity", ChangeClass.LIFE)
        .equal(MAX_QUEUE_PAIRS, WireType.U16, s -> s.maxQueuePairs)
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
    declareHashing(builder);
    declareCoalescing(builder);
    return builder
        .group("net.transmit", ChangeClass.HOT)
        .array(
            "tx_waiting",
            WireType.BOOL,
            s -> s.control.queuePairs,
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

  private static void declareHashing(StateDeclaration.Builder<VirtioNetState> builder) {
    builder.group("net.rss", ChangeClass.CONTROL);
    flag(builder, "rss.enabled", c -> c.rss.enabled ? 1 : 0, (c, v) -> c.rss.enabled = v != 0);
    flag(builder, "rss.redirect", c -> c.rss.redirect ? 1 : 0, (c, v) -> c.rss.redirect = v != 0);
    flag(builder, "rss.populate_hash", c -> c.rss.report ? 1 : 0, (c, v) -> c.rss.report = v != 0);
    builder
        .scalar(
            "rss.hash_types",
            WireType.U32,
            s -> s.control.rss.hashTypes,
            (s, v) -> s.control.rss.hashTypes = (int) v)
        .scalar(
            "rss.default_queue",
            WireType.U16,
            s -> s.control.rss.defaultPair,
            (s, v) -> s.control.rss.defaultPair = (int) v)
        .bytes("rss.key", s -> s.control.rss.key)
        .scalar(
            "rss.indirections_len",
            WireType.U16,
            s -> s.control.rss.tableLength,
            (s, v) -> s.tableLength(v))
        .array(
            "rss.indirections_table",
            WireType.U16,
            s -> s.control.rss.tableLength,
            (s, i) -> s.control.rss.table[i],
            (s, i, v) -> s.control.rss.table[i] = (short) v);
  }

  /** One setting per direction; one per queue, too, only while queues differ. */
  private static void declareCoalescing(StateDeclaration.Builder<VirtioNetState> builder) {
    ToIntFunction<VirtioNetState> values =
        s -> s.control.coalescing.uniform() && !s.loadingEachQueue ? 2 : 2 * s.maxQueuePairs;
    builder
        .group("net.coalescing", ChangeClass.CONTROL)
        .scalar(
            "coalescing.each_queue",
            WireType.BOOL,
            s -> s.control.coalescing.uniform() ? 0 : 1,
            (s, v) -> s.coalesceEachQueue(v != 0))
        .array(
            "coalescing.max_packets",
            WireType.U32,
            values,
            (s, i) -> s.control.coalescing.packets[i],
            (s, i, v) -> s.coalesce(s.control.coalescing.packets, i, (int) v))
        .array(
            "coalescing.max_usecs",
            WireType.U32,
            values,
            (s, i) -> s.control.coalescing.microseconds[i],
            (s, i, v) -> s.coalesce(s.control.coalescing.microseconds, i, (int) v));
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

  private void coalesceEachQueue(boolean each) {
    loadingEachQueue = each;
    control.coalescing.reset();
  }

  private void coalesce(int[] values, int queue, int value) {
    int step = loadingEachQueue ? values.length : 2;
    for (int i = queue; i < values.length; i += step) {
      values[i] = value;
    }
  }

  /** Sets the indirection table's length, if it can be so long. */
  void tableLength(long length) {
    if (control.rss.enabled ? !RssConfig.lengthAllowed(length) : length != 0) {
      throw new StreamException(
          "virtio-net: expected an RSS indirection table of a power of two of entries, up to %d, found %d"
              .formatted(RssConfig.MAX_TABLE, length));
    }
    control.rss.tableLength = (int) length;
    Arrays.fill(control.rss.table, (short) 0);
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
