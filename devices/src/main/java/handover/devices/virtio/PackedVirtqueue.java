package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.lang.invoke.VarHandle;

/**
 * A packed ring (virtio 1.2, 2.8) with indirect descriptors and event suppression.
 *
 * <p>A position is an index with the wrap counter in bit 15. The two event suppression areas are
 * where a split ring has its available (driver's) and used (device's) rings. As there, the driver's
 * memory is hostile: what is read once is used, and nothing is used unchecked.
 */
final class PackedVirtqueue extends Vring {
  private static final int AVAILABLE = 0x80;
  private static final int USED = 0x8000;

  private static final int LENGTH_AT = 8;
  private static final int ID_AT = 12;
  private static final int FLAGS_AT = 14;

  private static final int EVENT_BYTES = 4;
  private static final int EVENT_FLAGS_AT = 2;
  private static final int EVENTS_ENABLED = 0;
  private static final int EVENTS_DISABLED = 1;
  private static final int EVENT_AT_DESCRIPTOR = 2;

  private final RingArea descriptors = new RingArea();
  private final RingArea driverEvent = new RingArea();
  private final RingArea deviceEvent = new RingArea();
  private final RingArea indirectTable = new RingArea();

  private int next = PackedPosition.START;
  private int used = PackedPosition.START;
  private int outstanding;

  /** Entries pushed and not published; the first one's flags hold back the others. */
  private int unpublished;

  private int unpublishedChains;

  private long firstFlagsAt;
  private int firstFlags;
  private boolean interruptOwed = true;

  PackedVirtqueue(int index, GuestMemory memory, Listener listener) {
    super(index, memory, listener);
  }

  @Override
  int lastAvailable() {
    return next;
  }

  @Override
  int usedPosition() {
    return used;
  }

  @Override
  int outstanding() {
    return outstanding;
  }

  @Override
  void restart() {
    restart(PackedPosition.START, PackedPosition.START);
  }

  @Override
  void resumeAt(int lastAvail, int usedAt) {
    leaveAt(lastAvail, usedAt);
    if (ready()) {
      findRings();
      outstanding = entriesBetween(usedAt, lastAvail);
    }
  }

  @Override
  void recover() {
    throw new VirtioFault(
        "queue %d: its back end was lost, and only that knew the place in a packed ring"
            .formatted(index()));
  }

  @Override
  void leaveAt(int lastAvail, int usedAt) {
    entriesBetween(usedAt, lastAvail);
    restart(lastAvail, usedAt);
  }

  private void restart(int lastAvail, int usedAt) {
    next = lastAvail;
    used = usedAt;
    outstanding = 0;
    unpublished = 0;
    unpublishedChains = 0;
    interruptOwed = true;
  }

  private int entriesBetween(int from, int to) {
    int size = layout().size();
    int entries = PackedPosition.entriesBetween(from, to, size);
    if (!PackedPosition.fits(from, size)
        || !PackedPosition.fits(to, size)
        || entries < 0
        || entries > size) {
      throw new VirtioFault(
          "queue %d of %d entries: last_avail_idx 0x%x does not fit used_idx 0x%x"
              .formatted(index(), size, to, from));
    }
    return entries;
  }

  @Override
  public boolean hasAvailable() {
    if (!ready()) {
      return false;
    }
    findRings();
    int flags = descriptors.acquireU16(at(next) + FLAGS_AT);
    int turn = (next & PackedPosition.WRAP) != 0 ? AVAILABLE : USED;
    return (flags & (AVAILABLE | USED)) == turn;
  }

  @Override
  public DescriptorChain pop() {
    if (!hasAvailable()) {
      return null;
    }
    RingChain chain = borrow();
    try {
      walk(chain);
    } catch (VirtioFault fault) {
      giveBack(chain);
      throw fault;
    }
    next = PackedPosition.after(next, chain.entries(), layout().size());
    outstanding += chain.entries();
    return chain;
  }

  @Override
  public void unpop(DescriptorChain chain) {
    int entries = ((RingChain) chain).entries();
    next = PackedPosition.before(next, entries, layout().size());
    outstanding -= entries;
    giveBack(chain);
  }

  @Override
  public void push(DescriptorChain chain, int written) {
    long at = at(used);
    int flags = (used & PackedPosition.WRAP) == 0 ? 0 : AVAILABLE | USED;
    flags |= written > 0 ? WRITE : 0;
    descriptors.storeU32(at + LENGTH_AT, written);
    descriptors.storeU16(at + ID_AT, chain.head());
    if (unpublished == 0) {
      firstFlagsAt = at + FLAGS_AT;
      firstFlags = flags;
    } else {
      descriptors.storeU16(at + FLAGS_AT, flags);
    }
    int entries = ((RingChain) chain).entries();
    unpublished += entries;
    unpublishedChains++;
    outstanding -= entries;
    used = PackedPosition.after(used, entries, layout().size());
    giveBack(chain);
  }

  @Override
  public void publish() {
    if (unpublished == 0) {
      return;
    }
    int entries = unpublished;
    unpublished = 0;
    descriptors.releaseU16(firstFlagsAt, firstFlags);
    // As in a split ring: our store before our look at the driver's wish, theirs the other way.
    VarHandle.fullFence();
    int chains = unpublishedChains;
    unpublishedChains = 0;
    published(chains, interruptWanted(entries));
  }

  @Override
  public boolean enableKicks() {
    if (!ready()) {
      return false;
    }
    findRings();
    if (eventIndex()) {
      deviceEvent.releaseU16(0, next);
      suppress(EVENT_AT_DESCRIPTOR);
    } else {
      suppress(EVENTS_ENABLED);
    }
    VarHandle.fullFence();
    return hasAvailable();
  }

  @Override
  public void disableKicks() {
    if (ready()) {
      findRings();
      suppress(EVENTS_DISABLED);
    }
  }

  private void suppress(int wish) {
    if (deviceEvent.u16(EVENT_FLAGS_AT) != wish) {
      deviceEvent.releaseU16(EVENT_FLAGS_AT, wish);
    }
  }

  private boolean interruptWanted(int entries) {
    int wish = driverEvent.acquireU16(EVENT_FLAGS_AT) & 3;
    if (wish == EVENTS_DISABLED) {
      return false;
    }
    boolean owed = interruptOwed;
    interruptOwed = false;
    if (wish != EVENT_AT_DESCRIPTOR || !eventIndex()) {
      return true;
    }
    int event = driverEvent.u16(0);
    // Counted from the lap that used is in; the other lap can only be the one before.
    int lap = (event & PackedPosition.WRAP) == (used & PackedPosition.WRAP) ? 0 : layout().size();
    int position = (event & PackedPosition.INDEX) - lap;
    int end = used & PackedPosition.INDEX;
    return owed || position >= end - entries && position < end;
  }

  @Override
  void locate() {
    QueueLayout parts = layout();
    long ring = (long) DESCRIPTOR_BYTES * parts.size();
    find(descriptors, "descriptor ring", parts.descriptors(), ring, 16, true);
    find(driverEvent, "driver event suppression", parts.available(), EVENT_BYTES, 4, false);
    find(deviceEvent, "device event suppression", parts.used(), EVENT_BYTES, 4, true);
  }

  private void walk(RingChain chain) {
    chain.begin(next & PackedPosition.INDEX);
    int position = next;
    int entries = 0;
    int id;
    boolean more;
    do {
      if (entries == layout().size() - outstanding) {
        throw new VirtioFault(
            "queue %d, chain at 0x%x: more than %d entries, the ring has no more"
                .formatted(index(), next, entries));
      }
      long at = at(position);
      long address = descriptors.u64(at);
      long length = descriptors.u32(at + LENGTH_AT) & 0xffff_ffffL;
      id = descriptors.u16(at + ID_AT);
      int flags = descriptors.u16(at + FLAGS_AT);
      more = (flags & NEXT) != 0;
      if ((flags & INDIRECT) == 0) {
        chain.add(address, length, (flags & WRITE) != 0);
      } else {
        requireAlone(entries, more);
        walkTable(chain, address, length);
      }
      entries++;
      position = PackedPosition.after(position, 1, layout().size());
    } while (more);
    chain.identify(id, entries);
  }

  /** In a table every descriptor belongs to the chain, in order; NEXT says nothing (2.8.7). */
  private void walkTable(RingChain chain, long address, long length) {
    int entries = tableEntries(next & PackedPosition.INDEX, length);
    find(indirectTable, "indirect table", address, length, 1, false);
    for (long at = 0; at < (long) entries * DESCRIPTOR_BYTES; at += DESCRIPTOR_BYTES) {
      int flags = indirectTable.u16(at + FLAGS_AT);
      if ((flags & INDIRECT) != 0) {
        throw new VirtioFault(
            "queue %d, chain at 0x%x: indirect table inside another".formatted(index(), next));
      }
      chain.add(
          indirectTable.u64(at),
          indirectTable.u32(at + LENGTH_AT) & 0xffff_ffffL,
          (flags & WRITE) != 0);
    }
  }

  private void requireAlone(int entries, boolean more) {
    if (!indirect() || entries > 0 || more) {
      throw new VirtioFault(
          "queue %d, chain at 0x%x: indirect table %s"
              .formatted(
                  index(), next, indirect() ? "in a chain with other buffers" : "not negotiated"));
    }
  }

  private static long at(int position) {
    return (long) DESCRIPTOR_BYTES * (position & PackedPosition.INDEX);
  }
}
