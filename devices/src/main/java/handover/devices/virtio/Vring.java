package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.util.ArrayDeque;

/**
 * A virtqueue's ring as the front end keeps it: what the driver configured, which ring features
 * hold, and where the device stands. The format is the subclass's.
 *
 * <p>The parts are found in guest memory at first use after being configured and kept: the memory
 * layout is fixed while the guest runs. A position is 16 bits, whose meaning the format knows: a
 * free-running index (split), or an index with the wrap counter in bit 15 (packed).
 */
abstract class Vring implements Virtqueue {
  /** Hears of chains that were given back. */
  @FunctionalInterface
  interface Listener {
    /** So many chains were published, and the driver wants an interrupt for them or not. */
    void published(int queue, int chains, boolean interruptWanted);
  }

  /** What the transports offer as the largest ring. QEMU's limit, so that its guests fit. */
  static final int MAX_SIZE = 1024;

  static final int DESCRIPTOR_BYTES = 16;

  /** Flags of a descriptor in either format (virtio 1.2, 2.7.5 and 2.8.1). */
  static final int NEXT = 1;

  static final int WRITE = 2;
  static final int INDIRECT = 4;

  private final int index;
  private final GuestMemory memory;
  private final Listener listener;
  private final ArrayDeque<RingChain> idle = new ArrayDeque<>(2);
  private QueueLayout layout = QueueLayout.initial(1);
  private boolean eventIndex;
  private boolean indirect;
  private boolean located;

  Vring(int index, GuestMemory memory, Listener listener) {
    this.index = index;
    this.memory = memory;
    this.listener = listener;
  }

  /**
   * A ring of the negotiated format, at its beginning.
   *
   * @param listener hears of every publication
   */
  static Vring of(boolean packed, int index, GuestMemory memory, Listener listener) {
    return packed
        ? new PackedVirtqueue(index, memory, listener)
        : new SplitVirtqueue(index, memory, listener);
  }

  // ---- What a format supplies.

  /** Where {@link #pop} looks next. */
  abstract int lastAvailable();

  /** Where {@link #push} writes next. */
  abstract int usedPosition();

  /** How much was popped and not yet pushed: chains in a split ring, entries in a packed one. */
  abstract int outstanding();

  /** As a ring that was never used. Touches no guest memory. */
  abstract void restart();

  /**
   * Continues a ring another host worked on, whose memory is here now.
   *
   * @throws VirtioFault if the positions cannot be
   */
  abstract void resumeAt(int lastAvail, int usedAt);

  /**
   * Remembers where a ring that is not in use stands. Touches no guest memory.
   *
   * @throws VirtioFault if the positions cannot be
   */
  abstract void leaveAt(int lastAvail, int usedAt);

  /**
   * Continues a ring that somebody else worked on who cannot say how far: behind the last buffer
   * that the driver got back.
   *
   * @throws VirtioFault if the ring does not tell where that is
   */
  abstract void recover();

  /** Finds the parts in guest memory. */
  abstract void locate();

  // ---- What all have.

  @Override
  public final int index() {
    return index;
  }

  @Override
  public final int size() {
    return layout.enabled() ? layout.size() : 0;
  }

  @Override
  public final boolean ready() {
    return layout.enabled();
  }

  /** Size and addresses, as the driver set them. */
  final QueueLayout layout() {
    return layout;
  }

  /** Takes over what the driver set. Touches no guest memory. */
  final void configure(QueueLayout wanted) {
    layout = wanted;
    located = false;
  }

  /** Takes over which ring features were negotiated, other than the format. */
  final void negotiated(long features) {
    eventIndex = (features & Features.RING_EVENT_IDX) != 0;
    indirect = (features & Features.RING_INDIRECT_DESC) != 0;
    located = false;
  }

  final boolean eventIndex() {
    return eventIndex;
  }

  final boolean indirect() {
    return indirect;
  }

  /** To be called after every publication. */
  final void published(int chains, boolean interruptWanted) {
    listener.published(index, chains, interruptWanted);
  }

  /** Finds the parts unless they are found. */
  final void findRings() {
    if (!located) {
      locate();
      located = true;
    }
  }

  final void find(
      RingArea area, String part, long address, long length, int alignment, boolean written) {
    area.find(memory, part, address, length, alignment, written);
  }

  /** A chain to walk into; allocates only while the most that were ever in flight grows. */
  final RingChain borrow() {
    return idle.isEmpty() ? new RingChain(memory) : idle.pop();
  }

  final void giveBack(DescriptorChain chain) {
    idle.push((RingChain) chain);
  }

  /** Checks an indirect table's length; its number of descriptors. */
  final int tableEntries(int chain, long length) {
    if (length == 0 || length % DESCRIPTOR_BYTES != 0 || length > MAX_SIZE * DESCRIPTOR_BYTES) {
      throw new VirtioFault(
          "queue %d, chain %d: indirect table of %d bytes".formatted(index, chain, length));
    }
    return (int) (length / DESCRIPTOR_BYTES);
  }
}
