package handover.diagnosis.stream;

import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Takes a virtio device's section apart, which the description calls one opaque field. In order:
 * the transport's registers, the common ones, configuration space, the queues up to the first
 * without entries, the device's own part, subsections.
 */
final class VirtioDecoder {
  private static final int MOST_QUEUES = 1024;
  private static final int MOST_CONFIG = 4096;
  private static final int VERSION_ID = 4;
  private static final int SHORT_CONFIG = 256;
  private static final int IRQ_STATE = 16;
  private static final int NO_VECTOR = 0xffff;

  private final WireReader in;
  private final long base;
  private final long end;
  private final String device;
  private final boolean pci;
  private final List<FieldValue> values = new ArrayList<>();
  private final List<VirtioSection.Queue> queues = new ArrayList<>();
  private int vectors;
  private long features;

  private VirtioDecoder(WireReader in, long base, long bytes, String section) {
    this.in = in;
    this.base = base;
    this.end = base + bytes;
    int slash = section.lastIndexOf('/');
    this.device = section.substring(slash + 1);
    this.pci = onPci(section);
  }

  /** Whether a section of this name has this layout: a virtio device on PCI or MMIO. */
  static boolean knows(String section) {
    return section.matches(
        "([0-9a-f]{4}:[0-9a-f:.]+|virtio-mmio@[0-9a-f]+)/(virtio|vhost)-[a-z-]+");
  }

  static boolean onPci(String section) {
    return section.matches("[0-9a-f:.]+/.*");
  }

  /**
   * Decodes a payload of {@code bytes} that begins at byte {@code base} of the stream.
   *
   * @throws StreamException if it cannot be such a device
   */
  static List<FieldValue> decode(WireReader in, long base, long bytes, String section) {
    VirtioDecoder decoder = new VirtioDecoder(in, base, bytes, section);
    decoder.read();
    return decoder.values;
  }

  /** The queues, likewise; {@code in} knows where it is. */
  static List<VirtioSection.Queue> queues(WireReader in, long bytes, String section) {
    VirtioDecoder decoder = new VirtioDecoder(in, 0, in.position() + bytes, section);
    decoder.read();
    return decoder.queues;
  }

  private void read() {
    if (pci) {
      pciTransport();
    } else {
      number("host_features_sel", 4);
      number("guest_features_sel", 4);
      number("guest_page_shift", 4);
    }
    common();
    queues();
    deviceState();
    VirtioSubsections.read(in, base, device, features, values);
    opaque("not decoded", end - here());
  }

  private void pciTransport() {
    opaque("version_id", VERSION_ID);
    long at = here();
    byte[] config = in.bytes(SHORT_CONFIG);
    PciConfig space = new PciConfig(config, at);
    values.add(space.value("config"));
    if (space.express()) {
      opaque("extended config", MOST_CONFIG - SHORT_CONFIG);
    }
    opaque("irq_state", IRQ_STATE);
    vectors = space.vectors();
    if (vectors > 0) {
      opaque("msix table (%d vectors)".formatted(vectors), 16L * vectors);
      opaque("msix pending bits", (vectors + 7) / 8);
      number("config_vector", 2);
    }
  }

  private void common() {
    long at = here();
    int status = in.u8();
    values.add(FieldValue.leaf("status", "uint8", at, 1, VirtioWords.status(status)));
    number("isr", 1);
    number("queue_sel", 2);
    at = here();
    features = Integer.toUnsignedLong(in.u32());
    values.add(
        FieldValue.leaf(
            "guest_features (low)",
            "uint32",
            at,
            4,
            hex(features) + VirtioWords.features(device, features)));
    at = here();
    int length = in.u32();
    if (length < 0 || length > MOST_CONFIG) {
      throw in.malformed("config_len up to 4096", Integer.toUnsignedString(length));
    }
    values.add(FieldValue.leaf("config_len", "uint32", at, 4, Integer.toString(length)));
    opaque("device config", length);
  }

  private void queues() {
    long at = here();
    int count = in.u32();
    if (count < 0 || count > MOST_QUEUES) {
      throw in.malformed("at most 1024 queues", Integer.toUnsignedString(count));
    }
    List<FieldValue> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(queue(i));
    }
    values.add(
        new FieldValue("queues", "virtqueue[" + count + "]", at, here() - at, count + "", all));
  }

  private FieldValue queue(int index) {
    long at = here();
    StringBuilder text = new StringBuilder();
    int entries = in.u32();
    text.append("num ").append(entries);
    if (!pci) {
      text.append(", align ").append(in.u32());
    }
    long descriptors = in.u64();
    queues.add(new VirtioSection.Queue(at, entries, descriptors));
    text.append(", desc ").append(hex(descriptors));
    text.append(", last_avail_idx ").append(in.u16());
    if (vectors > 0) {
      int vector = in.u16();
      text.append(vector == NO_VECTOR ? ", no vector" : ", vector " + vector);
    }
    return FieldValue.leaf("[" + index + "]", "virtqueue", at, here() - at, text.toString());
  }

  private void deviceState() {
    if (device.equals("virtio-net")) {
      VirtioNetFields.read(in, base, features, values);
    } else if (in.peekSubsection("virtio").isEmpty() && here() < end) {
      byUntilSubsections();
    }
  }

  /** A part nobody described: it reaches to the first subsection that every virtio device has. */
  private void byUntilSubsections() {
    long at = here();
    StringBuilder start = new StringBuilder();
    long length = 0;
    while (here() < end && in.peekSubsection("virtio").isEmpty()) {
      int b = in.u8();
      if (length++ < 32) {
        start.append(HexFormat.of().toHexDigits((byte) b));
      }
    }
    values.add(
        FieldValue.leaf(
            device + " state", "opaque", at, length, start + (length > 32 ? "..." : "")));
  }

  private void number(String name, int bytes) {
    values.add(number(in, base, name, bytes));
  }

  static FieldValue number(WireReader in, long base, String name, int bytes) {
    long at = base + in.position();
    long value =
        switch (bytes) {
          case 1 -> in.u8();
          case 2 -> in.u16();
          case 4 -> Integer.toUnsignedLong(in.u32());
          default -> in.u64();
        };
    return FieldValue.leaf(name, "uint" + 8 * bytes, at, bytes, hex(value));
  }

  private void opaque(String name, long bytes) {
    if (bytes < 0) {
      throw in.malformed(
          "%d bytes of %s".formatted(end - base, device), "%d more".formatted(-bytes));
    }
    if (bytes > 0) {
      values.add(opaque(in, base, name, bytes));
    }
  }

  static FieldValue opaque(WireReader in, long base, String name, long bytes) {
    long at = base + in.position();
    byte[] content = in.bytes((int) Math.min(bytes, 1 << 20));
    int used = content.length;
    while (used > 0 && content[used - 1] == 0) {
      used--;
    }
    String value =
        used == 0
            ? "all zero"
            : HexFormat.of().formatHex(content, 0, Math.min(used, 64)) + (used > 64 ? "..." : "");
    return FieldValue.leaf(name, "opaque", at, content.length, value);
  }

  static String hex(long value) {
    return Long.compareUnsigned(value, 9) > 0
        ? "0x" + Long.toHexString(value).toLowerCase(Locale.ROOT)
        : Long.toString(value);
  }

  private long here() {
    return base + in.position();
  }
}
