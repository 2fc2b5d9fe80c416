package handover.diagnosis.stream;

import handover.vmstate.WireReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A PCI function's configuration space as it stands in a stream (PCI Local Bus 3.0, chapter 6). */
final class PciConfig {
  private static final int STATUS = 6;
  private static final int CAP_LIST = 0x10;
  private static final int CAP_POINTER = 0x34;
  private static final int MSIX = 0x11;
  private static final int EXPRESS = 0x10;
  private static final int HEADER = 0x40;
  private static final int MOST_CAPABILITIES = 48;

  private static final Map<Integer, String> CAPABILITIES =
      Map.of(
          0x01,
          "power management",
          0x05,
          "MSI",
          0x09,
          "vendor",
          EXPRESS,
          "PCI Express",
          MSIX,
          "MSI-X",
          0x0d,
          "bridge subsystem",
          0x12,
          "SATA",
          0x13,
          "AF");

  private final byte[] bytes;
  private final long at;

  PciConfig(byte[] bytes, long at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Reads {@code size} bytes as one value with parts. */
  static FieldValue read(WireReader in, String name, long at, int size) {
    return new PciConfig(in.bytes(size), at).value(name);
  }

  FieldValue value(String name) {
    return new FieldValue(
        name,
        "pci config",
        at,
        bytes.length,
        "%04x:%04x".formatted(u16(0), u16(2)),
        bytes.length < HEADER ? List.of() : parts());
  }

  private List<FieldValue> parts() {
    List<FieldValue> parts = new ArrayList<>();
    parts.add(part("command", 4, 2));
    parts.add(part("status", STATUS, 2));
    parts.add(part("class and revision", 8, 4));
    int bars = (bytes[0x0e] & 0x7f) == 1 ? 2 : 6;
    for (int i = 0; i < bars; i++) {
      if (u32(0x10 + 4 * i) != 0) {
        parts.add(part("bar " + i, 0x10 + 4 * i, 4));
      }
    }
    parts.add(part("subsystem", 0x2c, 4));
    parts.add(part("interrupt line and pin", 0x3c, 2));
    for (int where : capabilities()) {
      String kind =
          CAPABILITIES.getOrDefault(bytes[where] & 0xff, "0x%02x".formatted(bytes[where]));
      int length = (bytes[where] & 0xff) == MSIX ? 12 : 4;
      parts.add(part("capability " + kind, where, Math.min(length, bytes.length - where)));
    }
    return parts;
  }

  private FieldValue part(String name, int where, int length) {
    StringBuilder value = new StringBuilder("0x");
    for (int i = length - 1; i >= 0; i--) {
      value.append("%02x".formatted(bytes[where + i]));
    }
    return FieldValue.leaf(
        name, "config+0x%x".formatted(where), at + where, length, value.toString());
  }

  /** Where the capabilities stand, in list order; a list that loops is cut. */
  List<Integer> capabilities() {
    List<Integer> found = new ArrayList<>();
    if (bytes.length < HEADER || (u16(STATUS) & CAP_LIST) == 0) {
      return found;
    }
    int where = bytes[CAP_POINTER] & 0xfc;
    while (where >= HEADER && where + 4 <= bytes.length && found.size() < MOST_CAPABILITIES) {
      found.add(where);
      where = bytes[where + 1] & 0xfc;
    }
    return found;
  }

  /** Whether it has the capability that comes with 4096 bytes of configuration space. */
  boolean express() {
    return capabilities().stream().anyMatch(c -> (bytes[c] & 0xff) == EXPRESS);
  }

  /** Entries of the MSI-X table; 0 without one. */
  int vectors() {
    return capabilities().stream()
        .filter(c -> (bytes[c] & 0xff) == MSIX)
        .findFirst()
        .map(c -> (u16(c + 2) & 0x7ff) + 1)
        .orElse(0);
  }

  /**
   * The first byte of {@code stream} that a device with {@code device} as its own refuses:
   * identity, kind of each BAR, and the capabilities but for what a driver may write in them. -1 if
   * none.
   */
  static int firstDifference(byte[] stream, byte[] device) {
    byte[] mask = new PciConfig(device, 0).fixed();
    for (int i = 0; i < Math.min(stream.length, device.length); i++) {
      if (((stream[i] ^ device[i]) & mask[i]) != 0) {
        return i;
      }
    }
    return -1;
  }

  private byte[] fixed() {
    byte[] mask = new byte[bytes.length];
    if (bytes.length < HEADER) {
      return mask;
    }
    Arrays.fill(mask, 0, 4, (byte) 0xff);
    mask[STATUS] = CAP_LIST;
    Arrays.fill(mask, 8, 12, (byte) 0xff);
    mask[0x0e] = (byte) 0xff;
    mask[CAP_POINTER] = (byte) 0xff;
    int bars = (bytes[0x0e] & 0x7f) == 1 ? 2 : 6;
    for (int i = 0; i < bars; i++) {
      mask[0x10 + 4 * i] = 0x0f;
    }
    for (int where : capabilities()) {
      mask[where] = (byte) 0xff;
      mask[where + 1] = (byte) 0xff;
      if ((bytes[where] & 0xff) == MSIX && where + 12 <= bytes.length) {
        mask[where + 2] = (byte) 0xff;
        mask[where + 3] = 0x07;
        Arrays.fill(mask, where + 4, where + 12, (byte) 0xff);
      }
    }
    return mask;
  }

  private int u16(int where) {
    return bytes[where] & 0xff | (bytes[where + 1] & 0xff) << 8;
  }

  private int u32(int where) {
    return u16(where) | u16(where + 2) << 16;
  }
}
