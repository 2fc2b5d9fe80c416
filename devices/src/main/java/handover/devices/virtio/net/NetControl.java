package handover.devices.virtio.net;

import java.util.Arrays;

/**
 * What the driver set through the control queue, and link status: the CONTROL groups of the saved
 * state. A plain value; the device has a live one, a saved state another.
 */
final class NetControl {
  static final int MAC_BYTES = 6;

  /** Entries of the address table; QEMU's size, so that its guests fit. */
  static final int MAC_TABLE_ENTRIES = 64;

  static final int VLANS = 4096;

  static final int LINK_UP = 1;
  static final int ANNOUNCE = 2;

  private static final int VLAN_TYPE = 0x8100;

  final byte[] mac = new byte[MAC_BYTES];
  final byte[] table = new byte[MAC_TABLE_ENTRIES * MAC_BYTES];
  final byte[] vlans = new byte[VLANS / 8];
  int status = LINK_UP;
  boolean promiscuous;
  boolean allMulticast;
  boolean allUnicast;
  boolean noMulticast;
  boolean noUnicast;
  boolean noBroadcast;
  boolean multicastOverflow;
  boolean unicastOverflow;
  int tableEntries;
  int queuePairs;
  long guestOffloads;
  final RssConfig rss = new RssConfig();
  final Coalescing coalescing;

  /** Power-on state of a device with one queue pair whose address is {@code address}. */
  NetControl(byte[] address) {
    this(address, 1);
  }

  /** Power-on state of a device whose address is {@code address}. */
  NetControl(byte[] address, int maxQueuePairs) {
    coalescing = new Coalescing(2 * maxQueuePairs);
    reset(address);
  }

  /** Power-on state again, which lets every VLAN pass; the link stays as it is. */
  void reset(byte[] address) {
    System.arraycopy(address, 0, mac, 0, MAC_BYTES);
    Arrays.fill(table, (byte) 0);
    Arrays.fill(vlans, (byte) 0xff);
    status &= ~ANNOUNCE;
    promiscuous = true;
    allMulticast = false;
    allUnicast = false;
    noMulticast = false;
    noUnicast = false;
    noBroadcast = false;
    multicastOverflow = false;
    unicastOverflow = false;
    tableEntries = 0;
    queuePairs = 1;
    guestOffloads = 0;
    rss.disable();
    coalescing.reset();
  }

  /** Takes over everything from {@code other}. */
  void copyFrom(NetControl other) {
    System.arraycopy(other.mac, 0, mac, 0, mac.length);
    System.arraycopy(other.table, 0, table, 0, table.length);
    System.arraycopy(other.vlans, 0, vlans, 0, vlans.length);
    status = other.status;
    promiscuous = other.promiscuous;
    allMulticast = other.allMulticast;
    allUnicast = other.allUnicast;
    noMulticast = other.noMulticast;
    noUnicast = other.noUnicast;
    noBroadcast = other.noBroadcast;
    multicastOverflow = other.multicastOverflow;
    unicastOverflow = other.unicastOverflow;
    tableEntries = other.tableEntries;
    queuePairs = other.queuePairs;
    guestOffloads = other.guestOffloads;
    rss.copyFrom(other.rss);
    coalescing.copyFrom(other.coalescing);
  }

  /** Whether a frame is for this device (virtio 1.2, 5.1.6.5.1 to 5.1.6.5.3). */
  boolean accepts(byte[] frame, int offset) {
    if (promiscuous) {
      return true;
    }
    if (InternetChecksum.u16(frame, offset + 12) == VLAN_TYPE
        && !vlan(InternetChecksum.u16(frame, offset + 14) & VLANS - 1)) {
      return false;
    }
    if ((frame[offset] & 1) == 0) {
      return acceptsUnicast(frame, offset);
    }
    return isBroadcast(frame, offset) ? !noBroadcast : acceptsMulticast(frame, offset);
  }

  /** Whether frames of VLAN {@code id} are wanted. */
  boolean vlan(int id) {
    return (vlans[id >> 3] >> (id & 7) & 1) != 0;
  }

  /** Wants or refuses frames of VLAN {@code id}. */
  void vlan(int id, boolean wanted) {
    int bit = 1 << (id & 7);
    vlans[id >> 3] = (byte) (wanted ? vlans[id >> 3] | bit : vlans[id >> 3] & ~bit);
  }

  private boolean acceptsUnicast(byte[] frame, int offset) {
    return !noUnicast
        && (allUnicast || unicastOverflow || same(frame, offset, mac, 0) || inTable(frame, offset));
  }

  private boolean acceptsMulticast(byte[] frame, int offset) {
    return !noMulticast && (allMulticast || multicastOverflow || inTable(frame, offset));
  }

  private boolean inTable(byte[] frame, int offset) {
    for (int i = 0; i < tableEntries; i++) {
      if (same(frame, offset, table, i * MAC_BYTES)) {
        return true;
      }
    }
    return false;
  }

  private static boolean same(byte[] a, int at, byte[] b, int bt) {
    return Arrays.equals(a, at, at + MAC_BYTES, b, bt, bt + MAC_BYTES);
  }

  private static boolean isBroadcast(byte[] frame, int offset) {
    for (int i = 0; i < MAC_BYTES; i++) {
      if (frame[offset + i] != -1) {
        return false;
      }
    }
    return true;
  }
}
