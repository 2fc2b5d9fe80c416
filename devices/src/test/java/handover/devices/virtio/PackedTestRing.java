package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The driver's side of a packed ring. */
public final class PackedTestRing extends TestRing {
  private static final int AVAILABLE = 0x80;
  private static final int USED = 0x8000;

  private record InFlight(List<Room> rooms, int entries) {}

  private final Deque<Integer> freeIds = new ArrayDeque<>();
  private final Map<Integer, InFlight> inFlight = new HashMap<>();
  private int freeEntries;
  private int next;
  private boolean nextWrap = true;
  private int lastAdded;
  private boolean lastWrap = true;
  private int usedSeen;
  private boolean usedWrap = true;

  PackedTestRing(GuestMemory memory, long base, int size) {
    super(memory, base, size);
    freeEntries = size;
    for (int i = 0; i < size; i++) {
      freeIds.addFirst(i);
    }
  }

  @Override
  public long available() {
    return base + 16L * size;
  }

  @Override
  public long used() {
    return available() + 4;
  }

  @Override
  public int add(Piece... pieces) {
    int id = begin(pieces.length);
    List<Room> rooms = new ArrayList<>();
    int headFlags = 0;
    for (int i = 0; i < pieces.length; i++) {
      rooms.add(place(pieces[i]));
      int flags = flags(pieces[i]) | (i + 1 < pieces.length ? 1 : 0);
      rawDescriptor(
          next, rooms.get(i).address(), pieces[i].length(), id, i == 0 ? flags : turn(flags));
      headFlags = i == 0 ? turn(flags) : headFlags;
      step();
    }
    return finish(id, rooms, pieces.length, headFlags);
  }

  @Override
  public int addIndirect(Piece... pieces) {
    int id = begin(1);
    long table = buffer(16 * pieces.length);
    List<Room> rooms = new ArrayList<>();
    for (int i = 0; i < pieces.length; i++) {
      rooms.add(place(pieces[i]));
      raw(table + 16L * i, rooms.get(i).address(), pieces[i].length(), 0x5555, flags(pieces[i]));
    }
    int headFlags = turn(4);
    rawDescriptor(next, table, 16 * pieces.length, id, 0);
    step();
    return finish(id, rooms, 1, headFlags);
  }

  private int begin(int entries) {
    if (entries > freeEntries) {
      throw new IllegalStateException("the ring is full");
    }
    freeEntries -= entries;
    lastAdded = next;
    lastWrap = nextWrap;
    return freeIds.remove();
  }

  private int finish(int id, List<Room> rooms, int entries, int headFlags) {
    inFlight.put(id, new InFlight(rooms, entries));
    VarHandle.fullFence();
    memory.storeU16(base + 16L * lastAdded + 14, headFlags);
    VarHandle.fullFence();
    return id;
  }

  /** Puts any descriptor into the ring; available if the flags say so. */
  public void rawDescriptor(int index, long address, int length, int id, int flags) {
    raw(base + 16L * index, address, length, id, flags);
  }

  private void raw(long at, long address, int length, int id, int flags) {
    memory.storeU64(at, address);
    memory.storeU32(at + 8, length);
    memory.storeU16(at + 12, id);
    memory.storeU16(at + 14, flags);
  }

  private static int flags(Piece piece) {
    return piece.writable > 0 ? 2 : 0;
  }

  private int turn(int flags) {
    return flags | (nextWrap ? AVAILABLE : USED);
  }

  private void step() {
    next++;
    if (next == size) {
      next = 0;
      nextWrap = !nextWrap;
    }
  }

  @Override
  public Optional<Used> take() {
    long at = base + 16L * usedSeen;
    int flags = memory.loadU16(at + 14) & (AVAILABLE | USED);
    VarHandle.fullFence();
    if (flags != (usedWrap ? AVAILABLE | USED : 0)) {
      return Optional.empty();
    }
    int id = memory.loadU16(at + 12);
    InFlight chain = inFlight.remove(id);
    if (chain == null) {
      // In the second lap an entry that was never used looks used: it is still zero.
      throw new IllegalStateException("buffer " + id + " came back but is not in flight");
    }
    freeIds.addFirst(id);
    freeEntries += chain.entries;
    usedSeen += chain.entries;
    if (usedSeen >= size) {
      usedSeen -= size;
      usedWrap = !usedWrap;
    }
    return Optional.of(new Used(id, memory.loadU32(at + 8), bytes(memory, chain.rooms)));
  }

  @Override
  public void forbidInterrupts(boolean forbidden) {
    memory.storeU16(available() + 2, forbidden ? 1 : 0);
  }

  @Override
  public void interruptAt(int chain, int entries) {
    int position = chain * entries;
    int wrap = position / size % 2 == 0 ? 0x8000 : 0;
    memory.storeU16(available(), position % size | wrap);
    memory.storeU16(available() + 2, 2);
  }

  /** Linux's rule, for a chain that was added alone. */
  @Override
  public boolean kickWanted() {
    int flags = memory.loadU16(used() + 2);
    return flags == 2 ? kickPosition() == position(lastAdded, lastWrap) : flags == 0;
  }

  @Override
  public boolean kickAskedForNext() {
    return memory.loadU16(used() + 2) == 2 && kickPosition() == position(next, nextWrap);
  }

  @Override
  public boolean everyKickWanted() {
    return memory.loadU16(used() + 2) == 0;
  }

  private int kickPosition() {
    return memory.loadU16(used());
  }

  private static int position(int index, boolean wrap) {
    return index | (wrap ? 0x8000 : 0);
  }
}
