package handover.devices.virtio;

import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/**
 * What QEMU's modern transports add: the driver's feature words and, for each of 1024 queues, the
 * registers as written. Queues here have one set of registers, so both places say the same. PCI
 * also has the selectors here, and a byte between a queue's size and whether it is enabled.
 */
final class ModernRegisters {
  private static final int SUBSECTION = 0x05;
  private static final int MMIO_QUEUE_BYTES = 27;

  private ModernRegisters() {}

  private static String parent(VirtioState state) {
    return state.pci.isPresent() ? "virtio_pci" : "virtio_mmio";
  }

  private static String name(VirtioState state) {
    return state.pci.isPresent() ? "virtio_pci/modern_state" : "virtio_mmio/state";
  }

  static void save(VirtioState state, WireWriter out) {
    boolean pci = state.pci.isPresent();
    out.u8(SUBSECTION);
    out.counted(name(state));
    out.u32(1);
    if (pci) {
      out.u32(state.hostFeaturesSelect);
      out.u32(state.guestFeaturesSelect);
    }
    lowFirst(out, state.driverFeatures);
    for (QueueState queue : state.queues) {
      saveQueue(queue, pci, !state.legacyDriver(), out);
    }
    int width = pci ? MMIO_QUEUE_BYTES + 1 : MMIO_QUEUE_BYTES;
    out.zeros(width * (VirtioClassicCodec.TABLE_QUEUES - state.queues.length));
  }

  private static void saveQueue(QueueState queue, boolean pci, boolean modern, WireWriter out) {
    QueueLayout layout = queue.layout;
    boolean enabled = layout.enabled() && modern;
    // QEMU keeps the size as the driver wrote it, apart from the one it offers.
    out.u16(enabled ? layout.size() : 0);
    if (pci) {
      out.u8(0);
    }
    out.u8(enabled ? 1 : 0);
    lowFirst(out, modern ? layout.descriptors() : 0);
    lowFirst(out, modern ? layout.available() : 0);
    lowFirst(out, modern ? layout.used() : 0);
  }

  static void load(VirtioState state, WireReader in) {
    String name = name(state);
    if (in.peekSubsection(parent(state)).filter(name::equals).isEmpty()) {
      return;
    }
    in.u8();
    in.counted();
    int version = in.u32();
    if (version != 1) {
      throw in.malformed(name + " version 1", Integer.toUnsignedString(version));
    }
    if (state.shape.legacy()) {
      throw in.malformed(
          "a legacy virtio-mmio transport, as here",
          "the state of a modern one; use the same force-legacy on both sides");
    }
    boolean pci = state.pci.isPresent();
    if (pci) {
      state.hostFeaturesSelect = in.u32();
      state.guestFeaturesSelect = in.u32();
    }
    state.driverFeatures = lowFirst(in);
    for (int i = 0; i < state.queues.length; i++) {
      loadQueue(state, pci, in, i);
    }
    int width = pci ? MMIO_QUEUE_BYTES + 1 : MMIO_QUEUE_BYTES;
    VirtioClassicCodec.beyondQueues(state, in, width, (rest, i) -> loadQueue(state, pci, rest, i));
  }

  private static void loadQueue(VirtioState state, boolean pci, WireReader in, int index) {
    in.u16();
    if (pci) {
      in.u8();
    }
    boolean enabled = in.u8() != 0;
    long descriptors = lowFirst(in);
    long available = lowFirst(in);
    long used = lowFirst(in);
    if (index >= state.queues.length) {
      if (enabled) {
        ClassicRegisters.requireUnused(in, index, descriptors);
      }
      return;
    }
    QueueState queue = state.queues[index];
    if (enabled) {
      queue.layout = queue.layout.withEnabled(true);
    } else if (!state.legacyDriver()) {
      queue.layout =
          queue
              .layout
              .withEnabled(false)
              .withDescriptors(descriptors)
              .withAvailable(available)
              .withUsed(used);
    }
  }

  private static void lowFirst(WireWriter out, long value) {
    out.u32((int) value);
    out.u32((int) (value >>> 32));
  }

  private static long lowFirst(WireReader in) {
    long low = in.u32() & 0xffff_ffffL;
    return (long) in.u32() << 32 | low;
  }
}
