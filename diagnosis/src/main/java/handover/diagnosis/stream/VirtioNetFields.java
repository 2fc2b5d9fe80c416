package handover.diagnosis.stream;

import handover.vmstate.WireReader;
import java.util.HexFormat;
import java.util.List;

/**
 * The network device's own part ("virtio-net-device", version 11). Fields for more queue pairs are
 * there only if the device has more than one, which nothing before them tells: what follows
 * decides.
 */
final class VirtioNetFields {
  private static final int MAC_BYTES = 6;
  private static final int MOST_ADDRESSES = 4096;
  private static final int VLAN_BYTES = 512;
  private static final long CTRL_GUEST_OFFLOADS = 1L << 2;
  private static final int MOST_PAIRS = 0x8000;
  private static final int SUBSECTION = 5;

  private final WireReader in;
  private final long base;
  private final long features;
  private final List<FieldValue> values;

  private VirtioNetFields(WireReader in, long base, long features, List<FieldValue> values) {
    this.in = in;
    this.base = base;
    this.features = features;
    this.values = values;
  }

  static void read(WireReader in, long base, long features, List<FieldValue> values) {
    new VirtioNetFields(in, base, features, values).all();
  }

  private void all() {
    long at = base + in.position();
    String mac = HexFormat.ofDelimiter(":").formatHex(in.bytes(MAC_BYTES));
    values.add(FieldValue.leaf("mac", "buffer", at, MAC_BYTES, mac));
    number("tx_waiting", 4);
    number("mergeable_rx_bufs", 4);
    number("net status", 2);
    number("promisc", 1);
    number("allmulti", 1);
    table();
    values.add(VirtioDecoder.opaque(in, base, "vlans", VLAN_BYTES));
    number("has_vnet_hdr", 4);
    for (String flag :
        List.of(
            "mac_table.multi_overflow",
            "mac_table.uni_overflow",
            "alluni",
            "nomulti",
            "nouni",
            "nobcast",
            "has_ufo")) {
      number(flag, 1);
    }
    pairs();
    if ((features & CTRL_GUEST_OFFLOADS) != 0) {
      number("curr_guest_offloads", 8);
    }
  }

  private void table() {
    long at = base + in.position();
    int entries = in.u32();
    if (entries < 0 || entries > MOST_ADDRESSES) {
      throw in.malformed("an address table of at most 4096", Integer.toUnsignedString(entries));
    }
    HexFormat hex = HexFormat.ofDelimiter(":");
    StringBuilder all = new StringBuilder().append(entries);
    for (int i = 0; i < entries; i++) {
      all.append(' ').append(hex.formatHex(in.bytes(MAC_BYTES)));
    }
    values.add(
        FieldValue.leaf("mac_table", "mac[]", at, base + in.position() - at, all.toString()));
  }

  /** The offloads, eight bytes below 2^16, cannot be mistaken for a number of pairs above 1. */
  private void pairs() {
    long next = in.peekU64();
    int max = (int) (next >>> 48);
    boolean subsection = next >>> 56 == SUBSECTION && (next >>> 40 & 0xff) == 'v';
    if (next == -1 || subsection || max < 2 || max > MOST_PAIRS) {
      return;
    }
    number("max_queue_pairs", 2);
    long at = base + in.position();
    int pairs = in.u16();
    values.add(FieldValue.leaf("curr_queue_pairs", "uint16", at, 2, Integer.toString(pairs)));
    for (int i = 1; i < Math.min(pairs, max); i++) {
      number("vqs[%d].tx_waiting".formatted(i), 4);
    }
  }

  private void number(String name, int bytes) {
    values.add(VirtioDecoder.number(in, base, name, bytes));
  }
}
