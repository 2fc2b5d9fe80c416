package handover.devices.virtio.backend;

import java.util.HexFormat;

/**
 * An Ethernet address.
 *
 * @param bits the six bytes, the first one on the wire in bits 40 to 47
 */
public record MacAddress(long bits) {
  /** Bytes of an address. */
  public static final int BYTES = 6;

  /** No address at all, which is what is known of a device just reset. */
  public static final MacAddress UNKNOWN = new MacAddress(0);

  /** Reads the six bytes at {@code offset}. */
  public static MacAddress of(byte[] bytes, int offset) {
    long bits = 0;
    for (int i = 0; i < BYTES; i++) {
      bits = bits << 8 | bytes[offset + i] & 0xff;
    }
    return new MacAddress(bits);
  }

  /** Whether it addresses a group of stations. */
  public boolean multicast() {
    return (bits >> 40 & 1) != 0;
  }

  /** The six bytes in wire order. */
  public byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (bits >> 8 * (BYTES - 1 - i));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(bytes());
  }
}
