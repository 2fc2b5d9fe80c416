package handover.diagnosis.stream;

import handover.devices.virtio.VirtioFeatures;
import handover.vmstate.WireReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The optional tail of a virtio device's section: u8 5, counted name, u32 version, fields. */
final class VirtioSubsections {
  private static final int TABLE_QUEUES = 1024;
  private static final int MOST = 32;

  /** Bytes of those that are plain tables or flags; of tables, one entry per queue. */
  private static final Map<String, Integer> LENGTHS = new HashMap<>();

  static {
    LENGTHS.put("virtio/device_endian", 1);
    LENGTHS.put("virtio/64bit_features", 8);
    LENGTHS.put("virtio/128bit_features", 16);
    LENGTHS.put("virtio/virtqueues", 16 * TABLE_QUEUES);
    LENGTHS.put("virtio/ringsize", 4 * TABLE_QUEUES);
    LENGTHS.put("virtio/broken", 1);
    LENGTHS.put("virtio/extra_state", 0);
    LENGTHS.put("virtio/started", 1);
    LENGTHS.put("virtio/packed_virtqueues", 10 * TABLE_QUEUES);
    LENGTHS.put("virtio/disabled", 1);
    LENGTHS.put("virtio_pci/modern_state", 4 + 4 + 8 + 28 * TABLE_QUEUES);
    LENGTHS.put("virtio_mmio/state", 8 + 27 * TABLE_QUEUES);
  }

  private final WireReader in;
  private final long base;
  private final String device;
  private final List<FieldValue> values;

  private VirtioSubsections(WireReader in, long base, String device, List<FieldValue> values) {
    this.in = in;
    this.base = base;
    this.device = device;
    this.values = values;
  }

  static void read(
      WireReader in, long base, String device, long lowFeatures, List<FieldValue> values) {
    VirtioSubsections tail = new VirtioSubsections(in, base, device, values);
    for (int i = 0; i < MOST; i++) {
      Optional<String> name = tail.next();
      if (name.isEmpty() || !tail.subsection(name.get())) {
        return;
      }
    }
  }

  private Optional<String> next() {
    for (String parent : List.of("virtio", "virtio_pci", "virtio_mmio", "virtio-net-device")) {
      Optional<String> name = in.peekSubsection(parent);
      if (name.isPresent()) {
        return name;
      }
    }
    return Optional.empty();
  }

  /** False for one whose length is not known: it stays where it is. */
  private boolean subsection(String name) {
    boolean rss = name.equals("virtio-net-device/rss");
    if (!LENGTHS.containsKey(name) && !rss) {
      return false;
    }
    long at = here();
    in.u8();
    in.counted();
    int version = in.u32();
    List<FieldValue> parts = new ArrayList<>();
    String value = rss ? rss() : content(name, parts);
    values.add(
        new FieldValue(
            name,
            "subsection, version " + Integer.toUnsignedString(version),
            at,
            here() - at,
            value,
            parts));
    return true;
  }

  private String content(String name, List<FieldValue> parts) {
    return switch (name) {
      case "virtio/64bit_features" -> features(parts);
      case "virtio/virtqueues" -> rings(parts);
      default -> {
        int length = LENGTHS.get(name);
        yield length == 0 ? "" : VirtioDecoder.opaque(in, base, name, length).value();
      }
    };
  }

  private String features(List<FieldValue> parts) {
    long at = here();
    long features = in.u64();
    parts.add(FieldValue.leaf("guest_features", "uint64", at, 8, VirtioDecoder.hex(features)));
    return VirtioFeatures.names(device, features);
  }

  private String rings(List<FieldValue> parts) {
    int used = 0;
    for (int i = 0; i < TABLE_QUEUES; i++) {
      long at = here();
      long available = in.u64();
      long usedRing = in.u64();
      if (available != 0 || usedRing != 0) {
        used++;
        String text =
            "avail %s, used %s"
                .formatted(VirtioDecoder.hex(available), VirtioDecoder.hex(usedRing));
        parts.add(FieldValue.leaf("[" + i + "]", "ring", at, 16, text));
      }
    }
    return used + " rings set up";
  }

  /**
   * Flags, hash types, the table's length, default queue, key, table (QEMU's virtio-net RSS state).
   */
  private String rss() {
    boolean enabled = in.u8() != 0;
    in.u8();
    in.u8();
    int types = in.u32();
    int length = in.u16();
    int queue = in.u16();
    in.bytes(40);
    in.bytes(2 * length);
    return "%s, hash types 0x%x, table of %d, default queue %d"
        .formatted(enabled ? "on" : "off", types, length, queue);
  }

  private long here() {
    return base + in.position();
  }
}
