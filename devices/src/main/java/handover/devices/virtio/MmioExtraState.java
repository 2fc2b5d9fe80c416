package handover.devices.virtio;

import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/**
 * What QEMU's modern MMIO transport adds: the driver's feature words and, for each of 1024 queues,
 * the registers as written. Queues here have one set of registers, so both places say the same.
 */
final class MmioExtraState {
  private static final int SUBSECTION = 0x05;
  private static final String NAME = "virtio_mmio/state";
  private static final int QUEUE_BYTES = 27;

  private MmioExtraState() {}

  static void save(VirtioState state, WireWriter out) {
    out.u8(SUBSECTION);
    out.counted(NAME);
    out.u32(1);
    out.u32((int) state.driverFeatures);
    out.u32((int) (state.driverFeatures >>> 32));
    for (QueueState queue : state.queues) {
      saveQueue(queue, out);
    }
    out.zeros(QUEUE_BYTES * (VirtioClassicCodec.TABLE_QUEUES - state.queues.length));
  }

  private static void saveQueue(QueueState queue, WireWriter out) {
    QueueLayout layout = queue.layout;
    // QEMU keeps the size as the driver wrote it, apart from the one it offers.
    out.u16(layout.enabled() ? layout.size() : 0);
    out.u8(layout.enabled() ? 1 : 0);
    lowFirst(out, layout.descriptors());
    lowFirst(out, layout.available());
    lowFirst(out, layout.used());
  }

  static void load(VirtioState state, WireReader in) {
    if (in.peekSubsection("virtio_mmio").filter(NAME::equals).isEmpty()) {
      return;
    }
    in.u8();
    in.counted();
    int version = in.u32();
    if (version != 1) {
      throw in.malformed(NAME + " version 1", Integer.toUnsignedString(version));
    }
    if (state.shape.legacy()) {
      throw in.malformed(
          "a legacy virtio-mmio transport, as here",
          "the state of a modern one; use the same force-legacy on both sides");
    }
    state.driverFeatures = lowFirst(in);
    for (int i = 0; i < VirtioClassicCodec.TABLE_QUEUES; i++) {
      loadQueue(state, in, i);
    }
  }

  private static void loadQueue(VirtioState state, WireReader in, int index) {
    in.u16();
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
    } else {
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
