package handover.devices.virtio.net;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.RingProperties;
import handover.devices.virtio.VirtioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/** The properties of {@code virtio-net-device}, by QEMU's names, and the features they switch. */
final class NetProperties {
  static final String DRIVER = "virtio-net-device";

  static final int MAX_QUEUE_PAIRS = 511;
  private static final int MIN_RING = 256;
  private static final int MAX_RING = 1024;
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65535;

  /** A property that is a feature bit. */
  private record Switch(String name, long feature, String initially, String description) {
    Property declare() {
      return Property.flag(name, initially, description);
    }
  }

  private static final List<Switch> SWITCHES =
      List.of(
          on("csum", NetFeatures.CSUM, "Complete checksums that the driver leaves to the device."),
          on("guest_csum", NetFeatures.GUEST_CSUM, "The driver takes partial checksums."),
          on("guest_tso4", NetFeatures.GUEST_TSO4, "The driver takes large TCP/IPv4 packets."),
          on("guest_tso6", NetFeatures.GUEST_TSO6, "The driver takes large TCP/IPv6 packets."),
          on("host_tso4", NetFeatures.HOST_TSO4, "Segment large TCP/IPv4 packets."),
          on("host_tso6", NetFeatures.HOST_TSO6, "Segment large TCP/IPv6 packets."),
          on("host_ecn", NetFeatures.HOST_ECN, "Segment TCP packets with ECN."),
          on("mrg_rxbuf", NetFeatures.MRG_RXBUF, "Spread a packet over several receive buffers."),
          on("status", NetFeatures.STATUS, "Tell the driver the link's status."),
          on("ctrl_vq", NetFeatures.CTRL_VQ, "Control queue."),
          on("ctrl_rx", NetFeatures.CTRL_RX, "Receive filter."),
          on("ctrl_vlan", NetFeatures.CTRL_VLAN, "VLAN filter."),
          on("ctrl_rx_extra", NetFeatures.CTRL_RX_EXTRA, "More receive modes."),
          on("ctrl_mac_addr", NetFeatures.CTRL_MAC_ADDR, "The driver may change the address."),
          on("ctrl_guest_offloads", NetFeatures.CTRL_GUEST_OFFLOADS, "Receive offloads change."),
          on("guest_announce", NetFeatures.GUEST_ANNOUNCE, "Ask the driver to announce itself."),
          off(
              "gso",
              NetFeatures.GSO,
              "Offered with csum=off only, where it means nothing, as QEMU."),
          off("mq", NetFeatures.MQ, "Several queue pairs."),
          off("rss", NetFeatures.RSS, "The driver says which flow goes to which queue."),
          off("hash", NetFeatures.HASH_REPORT, "Report the hash of received packets."),
          off("notf_coal", NetFeatures.NOTF_COAL, "Interrupts may be put off; QEMU lacks it."),
          off("vq_notf_coal", NetFeatures.VQ_NOTF_COAL, "The same for single queues."));

  private static final Map<Long, Long> NEEDED =
      Map.ofEntries(
          Map.entry(NetFeatures.GUEST_TSO4, NetFeatures.GUEST_CSUM),
          Map.entry(NetFeatures.GUEST_TSO6, NetFeatures.GUEST_CSUM),
          Map.entry(NetFeatures.HOST_TSO4, NetFeatures.CSUM),
          Map.entry(NetFeatures.HOST_TSO6, NetFeatures.CSUM),
          Map.entry(NetFeatures.HOST_ECN, NetFeatures.CSUM),
          Map.entry(NetFeatures.CTRL_RX, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.CTRL_VLAN, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.CTRL_RX_EXTRA, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.CTRL_MAC_ADDR, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.CTRL_GUEST_OFFLOADS, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.GUEST_ANNOUNCE, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.RSS, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.HASH_REPORT, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.NOTF_COAL, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.VQ_NOTF_COAL, NetFeatures.CTRL_VQ),
          Map.entry(NetFeatures.MQ, NetFeatures.CTRL_VQ));

  private NetProperties() {}

  /** Every property. */
  static List<Property> declared() {
    List<Property> all = new ArrayList<>();
    all.add(new Property("netdev", Property.Kind.TEXT, "", false, "Back end, by its id."));
    all.add(new Property("mac", Property.Kind.MAC, "", true, "Address; by default a counted one."));
    all.add(VirtioDevice.ITERATIVE_MIGRATION);
    all.add(Property.number("queues", "1", "Queue pairs; more than one needs mq=on."));
    all.add(Property.number("rx_queue_size", "256", "Entries of a receive queue."));
    all.add(Property.number("tx_queue_size", "256", "Entries of a transmit queue."));
    all.add(Property.number("host_mtu", "0", "MTU the driver is told; 0 for none."));
    all.add(
        Property.number("speed", "-1", "Link speed the driver is told, in Mbit/s; -1 for none."));
    all.add(
        new Property(
            "duplex", Property.Kind.TEXT, "", true, "Duplex the driver is told: half or full."));
    SWITCHES.forEach(s -> all.add(s.declare()));
    return RingProperties.after(all);
  }

  /**
   * Binds and checks.
   *
   * @param given as typed
   * @param number counts the machine's network devices from 0, for the default address
   * @return the values, if nothing was wrong with them
   */
  static Optional<PropertyValues> bind(
      Map<String, String> given, int number, Consumer<String> problems) {
    List<String> found = new ArrayList<>();
    PropertyValues values = PropertyValues.bind(DRIVER, declared(), given, found::add);
    if (found.isEmpty()) {
      check(values, found::add);
    }
    if (values.text("mac").isEmpty()) {
      values.set("mac", "52:54:00:12:34:%02x".formatted(0x56 + number & 0xff));
    }
    found.forEach(problems);
    return found.isEmpty() ? Optional.of(values) : Optional.empty();
  }

  /**
   * The feature bits offered. What lacks a feature it needs is not offered.
   *
   * @param offerable what the back end lets through
   */
  static long features(PropertyValues values, LongUnaryOperator offerable) {
    long features = NetFeatures.MAC | (values.number("host_mtu") == 0 ? 0 : NetFeatures.MTU);
    if (values.number("speed") >= 0 || !values.text("duplex").isEmpty()) {
      features |= NetFeatures.SPEED_DUPLEX;
    }
    for (Switch s : SWITCHES) {
      features |= values.flag(s.name()) ? s.feature() : 0;
    }
    features = offerable.applyAsLong(features);
    features &= (features & NetFeatures.CSUM) == 0 ? -1 : ~NetFeatures.GSO;
    for (Map.Entry<Long, Long> rule : NEEDED.entrySet()) {
      features &= (features & rule.getValue()) == 0 ? ~rule.getKey() : -1;
    }
    return features;
  }

  /** Bytes of configuration space: up to the last field that an offered feature defines. */
  static int configLength(long features) {
    if ((features & (NetFeatures.RSS | NetFeatures.HASH_REPORT)) != 0) {
      return 24;
    }
    if ((features & NetFeatures.SPEED_DUPLEX) != 0) {
      return 17;
    }
    if ((features & NetFeatures.MTU) != 0) {
      return 12;
    }
    if ((features & NetFeatures.MQ) != 0) {
      return 10;
    }
    return (features & NetFeatures.STATUS) != 0 ? 8 : 6;
  }

  /** Duplex as configuration space has it. */
  static int duplex(PropertyValues values) {
    return switch (values.text("duplex")) {
      case "half" -> 0;
      case "full" -> 1;
      default -> 0xff;
    };
  }

  private static void check(PropertyValues values, Consumer<String> problems) {
    range(values, "queues", 1, MAX_QUEUE_PAIRS, problems);
    boolean several = values.flag("mq") || values.flag("rss");
    if (values.number("queues") > 1 && !(several && values.flag("ctrl_vq"))) {
      problems.accept(
          "%s: queues=%d needs mq=on or rss=on, and ctrl_vq=on"
              .formatted(DRIVER, values.number("queues")));
    }
    if (values.number("host_mtu") != 0) {
      range(values, "host_mtu", MIN_MTU, MAX_MTU, problems);
    }
    if (!List.of("", "half", "full").contains(values.text("duplex"))) {
      problems.accept(
          "%s: duplex expects half or full, got '%s'".formatted(DRIVER, values.text("duplex")));
    }
    ring(values, "rx_queue_size", problems);
    ring(values, "tx_queue_size", problems);
  }

  private static void ring(PropertyValues values, String name, Consumer<String> problems) {
    range(values, name, MIN_RING, MAX_RING, problems);
    if (Integer.bitCount(values.number(name)) != 1) {
      problems.accept(
          "%s: %s expects a power of two, got %d".formatted(DRIVER, name, values.number(name)));
    }
  }

  private static void range(
      PropertyValues values, String name, int from, int to, Consumer<String> problems) {
    int value = values.number(name);
    if (value < from || value > to) {
      problems.accept(
          "%s: %s expects a number from %d to %d, got %d".formatted(DRIVER, name, from, to, value));
    }
  }

  private static Switch off(String name, long feature, String description) {
    return new Switch(name, feature, "off", description);
  }

  private static Switch on(String name, long feature, String description) {
    return new Switch(name, feature, "on", description);
  }
}
