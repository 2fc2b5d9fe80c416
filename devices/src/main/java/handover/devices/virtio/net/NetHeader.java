package handover.devices.virtio.net;

/**
 * The header before every packet in a virtqueue (virtio 1.2, 5.1.6), little-endian. Ten bytes for
 * legacy drivers without mergeable buffers, twenty with hash reports, else twelve.
 */
final class NetHeader {
  static final int LEGACY_BYTES = 10;
  static final int BYTES = 12;

  /** With hash reports. */
  static final int HASH_BYTES = 20;

  static final int NEEDS_CSUM = 1;

  static final int GSO_NONE = 0;
  static final int GSO_TCPV4 = 1;
  static final int GSO_TCPV6 = 4;
  static final int GSO_ECN = 0x80;

  /** Offset of num_buffers. */
  static final int NUM_BUFFERS = 10;

  /** Offset of hash_value, and two words of it later hash_report. */
  static final int HASH = 12;

  int flags;
  int gsoType;
  int gsoSize;
  int csumStart;
  int csumOffset;

  /** Reads the fields the driver sets; hdr_len is a hint only, so nobody looks at it. */
  void parse(byte[] bytes) {
    flags = bytes[0] & 0xff;
    gsoType = bytes[1] & 0xff;
    gsoSize = u16(bytes, 4);
    csumStart = u16(bytes, 6);
    csumOffset = u16(bytes, 8);
  }

  boolean needsChecksum() {
    return (flags & NEEDS_CSUM) != 0;
  }

  /** The kind of segmentation, the ECN bit put aside. */
  int segmentation() {
    return gsoType & ~GSO_ECN;
  }

  static int u16(byte[] bytes, int offset) {
    return bytes[offset] & 0xff | (bytes[offset + 1] & 0xff) << 8;
  }
}
