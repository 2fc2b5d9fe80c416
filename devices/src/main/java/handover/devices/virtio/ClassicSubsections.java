package handover.devices.virtio;

import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.Optional;
import java.util.function.Consumer;

/** The optional tail of the classic form: QEMU's "virtio/..." subsections, in QEMU's order. */
final class ClassicSubsections {
  private static final int SUBSECTION = 0x05;
  private static final int VERSION = 1;
  private static final String PARENT = "virtio";
  private static final int RING_BYTES = 16;

  private ClassicSubsections() {}

  static void save(VirtioState state, WireWriter out) {
    boolean modern = !state.shape.legacy();
    subsection(out, "virtio/64bit_features", w -> w.u64(state.guestFeatures));
    if (modern) {
      subsection(out, "virtio/virtqueues", w -> saveRings(state, w));
    }
    if (sizesChanged(state)) {
      subsection(out, "virtio/ringsize", w -> saveDefaultSizes(state, w));
    }
    if (state.broken) {
      subsection(out, "virtio/broken", w -> w.u8(1));
    }
    if (modern) {
      subsection(out, "virtio/extra_state", w -> ModernRegisters.save(state, w));
    }
    if ((state.status & DeviceStatus.DRIVER_OK) != 0) {
      subsection(out, "virtio/started", w -> w.u8(1));
    }
    if ((state.hostFeatures() & Features.RING_PACKED) != 0) {
      subsection(out, PackedPositions.NAME, w -> PackedPositions.save(state, w));
    }
    if (state.status != 0 && state.pci.filter(pci -> !pci.busMaster()).isPresent()) {
      subsection(out, "virtio/disabled", w -> w.u8(1));
    }
  }

  private static void subsection(WireWriter out, String name, Consumer<WireWriter> content) {
    out.u8(SUBSECTION);
    out.counted(name);
    out.u32(VERSION);
    content.accept(out);
  }

  static void load(VirtioState state, WireReader in) {
    Optional<String> name;
    int order = -1;
    boolean packed = false;
    while ((name = in.peekSubsection(PARENT)).isPresent()) {
      in.u8();
      in.counted();
      int version = in.u32();
      if (version != VERSION) {
        throw in.malformed(name.get() + " version " + VERSION, Integer.toUnsignedString(version));
      }
      packed |= name.get().equals(PackedPositions.NAME);
      order = loadOne(name.get(), state, in, order);
    }
    if (state.packed() && !packed) {
      throw in.malformed(PackedPositions.NAME + ", as rings are packed", "none");
    }
  }

  /** Reads one; each may come once, in QEMU's order, so a stream cannot keep us here. */
  private static int loadOne(String name, VirtioState state, WireReader in, int before) {
    int place =
        switch (name) {
          case "virtio/device_endian" -> 0;
          case "virtio/64bit_features" -> 1;
          case "virtio/virtqueues" -> 2;
          case "virtio/ringsize" -> 3;
          case "virtio/broken" -> 4;
          case "virtio/extra_state" -> 5;
          case "virtio/started" -> 6;
          case PackedPositions.NAME -> 7;
          case "virtio/disabled" -> 8;
          default -> throw in.malformed("a subsection of a virtio device", "'" + name + "'");
        };
    if (place <= before) {
      throw in.malformed("subsections in QEMU's order, each once", "'" + name + "'");
    }
    switch (place) {
      case 0 -> requireLittleEndian(in);
      case 1 -> state.guestFeatures = in.u64();
      case 2 -> loadRings(state, in);
      case 3 -> in.bytes(4 * VirtioClassicCodec.TABLE_QUEUES);
      case 4 -> state.broken = in.u8() != 0;
      case 5 -> ModernRegisters.load(state, in);
      case 6 -> in.u8();
      case 7 -> PackedPositions.load(state, in);
      default -> requireNotDisabled(state, in);
    }
    return place;
  }

  private static boolean sizesChanged(VirtioState state) {
    for (QueueState queue : state.queues) {
      if (queue.layout.size() != queue.defaultSize) {
        return true;
      }
    }
    return false;
  }

  private static void saveRings(VirtioState state, WireWriter out) {
    for (QueueState queue : state.queues) {
      out.u64(queue.layout.enabled() ? queue.layout.available() : 0);
      out.u64(queue.layout.enabled() ? queue.layout.used() : 0);
    }
    out.zeros(16 * (VirtioClassicCodec.TABLE_QUEUES - state.queues.length));
  }

  private static void loadRings(VirtioState state, WireReader in) {
    for (QueueState queue : state.queues) {
      queue.layout = queue.layout.withAvailable(in.u64()).withUsed(in.u64());
    }
    VirtioClassicCodec.beyondQueues(
        state,
        in,
        RING_BYTES,
        (rest, i) -> {
          ClassicRegisters.requireUnused(rest, i, rest.u64());
          ClassicRegisters.requireUnused(rest, i, rest.u64());
        });
  }

  private static void saveDefaultSizes(VirtioState state, WireWriter out) {
    for (QueueState queue : state.queues) {
      out.u32(queue.defaultSize);
    }
    out.zeros(4 * (VirtioClassicCodec.TABLE_QUEUES - state.queues.length));
  }

  private static void requireLittleEndian(WireReader in) {
    int endian = in.u8();
    if (endian != 1) {
      throw in.malformed("device_endian 1 (little)", Integer.toString(endian));
    }
  }

  /** On PCI it only says that the command register withholds bus mastery, which is there to see. */
  private static void requireNotDisabled(VirtioState state, WireReader in) {
    if (in.u8() != 0 && state.pci.isEmpty()) {
      throw in.malformed("a device that is enabled", "virtio/disabled set");
    }
  }
}
