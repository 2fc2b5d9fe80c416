package handover.devices.virtio;

import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/** The fixed head of the classic form: transport and common registers, configuration, queues. */
final class ClassicRegisters {
  private static final int MAX_CONFIG = 4096;

  private ClassicRegisters() {}

  static void save(VirtioState state, WireWriter out) {
    state.pci.ifPresentOrElse(pci -> pci.save(out), () -> saveMmio(state, out));
    out.u8(state.status);
    out.u8(state.interruptStatus);
    out.u16(state.queueSelect);
    out.u32((int) state.guestFeatures);
    out.u32(state.config.length);
    out.bytes(state.config);
    out.u32(state.queues.length);
    for (int i = 0; i < state.queues.length; i++) {
      saveQueue(state, out, i);
    }
  }

  private static void saveMmio(VirtioState state, WireWriter out) {
    out.u32(state.hostFeaturesSelect);
    out.u32(state.guestFeaturesSelect);
    out.u32(state.guestPageShift);
  }

  private static void saveQueue(VirtioState state, WireWriter out, int index) {
    QueueState queue = state.queues[index];
    QueueLayout layout = queue.layout;
    out.u32(layout.size());
    if (state.pci.isEmpty()) {
      out.u32(layout.align());
    }
    out.u64(layout.enabled() ? layout.descriptors() : 0);
    out.u16(state.packed() ? queue.lastAvailable & PackedPosition.INDEX : queue.lastAvailable);
    state.pci.ifPresent(pci -> pci.saveVector(index, out));
  }

  static void load(VirtioState state, WireReader in) {
    state.pci.ifPresentOrElse(pci -> pci.load(in), () -> loadMmio(state, in));
    state.status = in.u8();
    state.interruptStatus = in.u8();
    state.queueSelect = in.u16();
    state.guestFeatures = in.u32() & 0xffff_ffffL;
    loadConfig(state, in);
    int count = in.u32();
    if (count < 0 || count > VirtioClassicCodec.TABLE_QUEUES) {
      throw in.malformed(
          "at most " + VirtioClassicCodec.TABLE_QUEUES + " queues",
          Integer.toUnsignedString(count));
    }
    for (int i = 0; i < count; i++) {
      loadQueue(state, in, i);
    }
  }

  private static void loadMmio(VirtioState state, WireReader in) {
    state.hostFeaturesSelect = in.u32();
    state.guestFeaturesSelect = in.u32();
    state.guestPageShift = in.u32();
  }

  /** Configuration space is what the device says it is; the source's copy is only stepped over. */
  private static void loadConfig(VirtioState state, WireReader in) {
    int length = in.u32();
    if (length < 0 || length > MAX_CONFIG) {
      throw in.malformed(
          "a configuration space of at most " + MAX_CONFIG + " bytes",
          Integer.toUnsignedString(length));
    }
    byte[] config = in.bytes(length);
    System.arraycopy(config, 0, state.config, 0, Math.min(length, state.config.length));
  }

  private static void loadQueue(VirtioState state, WireReader in, int index) {
    int size = in.u32();
    int align = state.pci.isEmpty() ? in.u32() : QueueLayout.DEFAULT_ALIGN;
    long descriptors = in.u64();
    int lastAvailable = in.u16();
    state.pci.ifPresent(pci -> pci.loadVector(index, in));
    if (descriptors == 0 && lastAvailable != 0) {
      throw in.malformed(
          "queue " + index + ", which has no ring, to be unused",
          "last_avail_idx " + lastAvailable);
    }
    if (index >= state.queues.length) {
      requireUnused(in, index, descriptors);
      return;
    }
    // Whether it must be a power of two is known only after the features, in a subsection.
    if (!QueueLayout.sizeAllowed(size, true)) {
      throw in.malformed(
          "queue " + index + " to have up to 1024 entries", Integer.toUnsignedString(size));
    }
    if (!QueueLayout.alignAllowed(align)) {
      throw in.malformed(
          "queue " + index + " to be aligned to a power of two", Integer.toUnsignedString(align));
    }
    // A modern stream says in its subsections where the other two parts are.
    state.queues[index].layout = new QueueLayout(size, align, 0, 0, 0, false).legacyAt(descriptors);
    state.queues[index].lastAvailable = lastAvailable;
  }

  /** The source may have more queues than we, as long as its driver does not use them. */
  static void requireUnused(WireReader in, int index, long address) {
    if (address != 0) {
      throw in.malformed(
          "queue " + index + ", which does not exist here, to be unused",
          "a ring at 0x%x; give both sides the same number of queues".formatted(address));
    }
  }
}
