package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.lang.invoke.VarHandle;

/**
 * A split ring (virtio 1.2, 2.7) with indirect descriptors and event indices.
 *
 * <p>The three parts are found in guest memory at first use after being configured and kept: the
 * memory layout is fixed while the guest runs. The driver's rings are hostile; nothing read from
 * them is used unchecked or read twice.
 */
final class SplitVirtqueue extends Vring {
  private static final int NO_INTERRUPT = 1;
  private static final int NO_NOTIFY = 1;
  private static final int INDEX_OFFSET = 2;
  private static final int AVAILABLE_ENTRIES = 4;
  private static final int USED_ENTRIES = 4;
  private static final int USED_ENTRY_BYTES = 8;

  private final RingArea descriptors = new RingArea();
  private final RingArea available = new RingArea();
  private final RingArea used = new RingArea();
  private final RingArea indirectTable = new RingArea();

  private int lastAvailable;
  private int availableSeen;
  private int usedIndex;
  private int usedPublished;
  private boolean interruptOwed;
  private int outstanding;

  SplitVirtqueue(int index, GuestMemory memory, Listener listener) {
    super(index, memory, listener);
  }

  @Override
  int lastAvailable() {
    return lastAvailable;
  }

  @Override
  int usedPosition() {
    return usedIndex;
  }

  @Override
  int outstanding() {
    return outstanding;
  }

  /** The ring itself says where the used ring stands. */
  @Override
  void resumeAt(int lastAvail, int usedAt) {
    restart(lastAvail, 0);
    if (!ready()) {
      return;
    }
    findRings();
    int used16 = used.acquireU16(INDEX_OFFSET);
    int inFlight = lastAvail - used16 & 0xffff;
    int waiting = available.acquireU16(INDEX_OFFSET) - lastAvail & 0xffff;
    if (inFlight > size() || waiting > size()) {
      throw new VirtioFault(
          ("queue %d of %d entries: last_avail_idx 0x%x does not fit avail->idx 0x%x, used->idx 0x%x;"
                  + " memory is not of the device's moment (if it comes from a QEMU 7.2 without KVM:"
                  + " stop the guest before it is moved, or give it 128 KiB more memory)")
              .formatted(index(), size(), lastAvail, lastAvail + waiting & 0xffff, used16));
    }
    restart(lastAvail, used16);
    outstanding = inFlight;
  }

  @Override
  void recover() {
    findRings();
    int usedAt = used.acquireU16(INDEX_OFFSET);
    resumeAt(usedAt, usedAt);
  }

  @Override
  void leaveAt(int lastAvail, int usedAt) {
    restart(lastAvail, lastAvail);
  }

  @Override
  void restart() {
    restart(0, 0);
  }

  @Override
  public boolean hasAvailable() {
    if (!ready()) {
      return false;
    }
    if (availableSeen != lastAvailable) {
      return true;
    }
    findRings();
    availableSeen = available.acquireU16(INDEX_OFFSET);
    int waiting = availableSeen - lastAvailable & 0xffff;
    if (waiting > size()) {
      throw new VirtioFault(
          "queue %d of %d entries: avail->idx moved from 0x%x to 0x%x"
              .formatted(index(), size(), lastAvailable, availableSeen));
    }
    return waiting != 0;
  }

  @Override
  public DescriptorChain pop() {
    if (!hasAvailable()) {
      return null;
    }
    if (outstanding >= size()) {
      throw new VirtioFault(
          "queue " + index() + ": more buffers in flight than the ring has entries");
    }
    int head = available.u16(AVAILABLE_ENTRIES + 2L * (lastAvailable & size() - 1));
    RingChain chain = borrow();
    try {
      walk(chain, head);
    } catch (VirtioFault fault) {
      giveBack(chain);
      throw fault;
    }
    lastAvailable = lastAvailable + 1 & 0xffff;
    outstanding++;
    return chain;
  }

  @Override
  public void unpop(DescriptorChain chain) {
    lastAvailable = lastAvailable - 1 & 0xffff;
    outstanding--;
    giveBack(chain);
  }

  @Override
  public void push(DescriptorChain chain, int written) {
    long entry = USED_ENTRIES + (long) USED_ENTRY_BYTES * (usedIndex & size() - 1);
    used.storeU32Pair(entry, chain.head(), written);
    usedIndex = usedIndex + 1 & 0xffff;
    outstanding--;
    giveBack(chain);
  }

  @Override
  public void publish() {
    if (usedIndex == usedPublished) {
      return;
    }
    int before = usedPublished;
    used.releaseU16(INDEX_OFFSET, usedIndex);
    usedPublished = usedIndex;
    // The driver writes its wish, then looks at used->idx; we write used->idx, then look at its
    // wish. Without a full fence on both sides each can miss the other (2.7.7.2).
    VarHandle.fullFence();
    published(usedIndex - before & 0xffff, interruptWanted(before));
  }

  @Override
  public boolean enableKicks() {
    if (!ready()) {
      return false;
    }
    findRings();
    if (eventIndex()) {
      used.releaseU16(availEventOffset(), lastAvailable);
    } else if (used.u16(0) != 0) {
      used.releaseU16(0, 0);
    }
    VarHandle.fullFence();
    return hasAvailable();
  }

  @Override
  public void disableKicks() {
    // With event indices a stale avail_event is what keeps the driver quiet.
    if (ready() && !eventIndex()) {
      findRings();
      used.releaseU16(0, NO_NOTIFY);
    }
  }

  private boolean interruptWanted(int before) {
    if (!eventIndex()) {
      return (available.acquireU16(0) & NO_INTERRUPT) == 0;
    }
    boolean owed = interruptOwed;
    interruptOwed = false;
    int event = available.acquireU16(AVAILABLE_ENTRIES + 2L * size());
    return owed || (usedIndex - event - 1 & 0xffff) < (usedIndex - before & 0xffff);
  }

  private long availEventOffset() {
    return USED_ENTRIES + (long) USED_ENTRY_BYTES * size();
  }

  /** Starts at these indices; the next publish interrupts, whatever was signalled before. */
  private void restart(int lastAvail, int usedAt) {
    lastAvailable = lastAvail;
    availableSeen = lastAvail;
    usedIndex = usedAt;
    usedPublished = usedAt;
    interruptOwed = true;
    outstanding = 0;
  }

  @Override
  void locate() {
    long n = layout().size();
    long event = eventIndex() ? 2 : 0;
    find(descriptors, "descriptor table", layout().descriptors(), DESCRIPTOR_BYTES * n, 16, false);
    find(
        available,
        "available ring",
        layout().available(),
        AVAILABLE_ENTRIES + 2 * n + event,
        2,
        false);
    find(used, "used ring", layout().used(), USED_ENTRIES + USED_ENTRY_BYTES * n + event, 4, true);
  }

  private void walk(RingChain chain, int head) {
    chain.begin(head);
    RingArea table = descriptors;
    int entries = size();
    int next = head;
    boolean more = true;
    boolean inside = false;
    for (int seen = 0; more; seen++) {
      if (next >= entries || seen >= MAX_SIZE + entries) {
        throw new VirtioFault(
            "queue %d, chain %d: descriptor %d of %d after %d others"
                .formatted(index(), head, next, entries, seen));
      }
      long at = (long) DESCRIPTOR_BYTES * next;
      long address = table.u64(at);
      long length = table.u32(at + 8) & 0xffff_ffffL;
      int flags = table.u16(at + 12);
      next = table.u16(at + 14);
      more = (flags & NEXT) != 0;
      if ((flags & INDIRECT) == 0) {
        chain.add(address, length, (flags & WRITE) != 0);
      } else {
        entries = indirectEntries(head, inside, more, length);
        find(indirectTable, "indirect table", address, length, 1, false);
        table = indirectTable;
        inside = true;
        more = true;
        next = 0;
      }
    }
  }

  private int indirectEntries(int head, boolean inside, boolean more, long length) {
    if (!indirect() || inside || more) {
      throw new VirtioFault(
          "queue %d, chain %d: indirect table %s"
              .formatted(
                  index(),
                  head,
                  inside ? "inside another" : more ? "that is not the last" : "not negotiated"));
    }
    return tableEntries(head, length);
  }
}
