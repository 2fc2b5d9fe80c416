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

/** The driver's side of a split ring; lets a test write any nonsense, too. */
public final class SplitTestRing extends TestRing {
  private record InFlight(List<Room> rooms, List<Integer> descriptors) {}

  private final Deque<Integer> free = new ArrayDeque<>();
  private final Map<Integer, InFlight> inFlight = new HashMap<>();
  private int availableIndex;
  private int usedSeen;

  SplitTestRing(GuestMemory memory, long base, int size) {
    super(memory, base, size);
    for (int i = 0; i < size; i++) {
      free.add(i);
    }
  }

  @Override
  public long available() {
    return base + 16L * size;
  }

  @Override
  public long used() {
    return available() + 2L * (3 + size) + 4095 & -4096L;
  }

  @Override
  public int add(Piece... pieces) {
    int head = write(pieces);
    makeAvailable(head);
    return head;
  }

  @Override
  public int addIndirect(Piece... pieces) {
    long table = buffer(16 * pieces.length);
    List<Room> rooms = new ArrayList<>();
    for (int i = 0; i < pieces.length; i++) {
      rooms.add(place(pieces[i]));
      int next = i + 1 < pieces.length ? i + 1 : -1;
      descriptor(table + 16L * i, rooms.get(i).address(), pieces[i], next);
    }
    int head = free.remove();
    rawDescriptor(head, table, 16 * pieces.length, 4, 0);
    inFlight.put(head, new InFlight(rooms, List.of(head)));
    makeAvailable(head);
    return head;
  }

  /** Writes a chain without making it available. Returns its head. */
  public int write(Piece... pieces) {
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < pieces.length; i++) {
      taken.add(free.remove());
    }
    List<Room> rooms = new ArrayList<>();
    for (int i = 0; i < pieces.length; i++) {
      rooms.add(place(pieces[i]));
      int next = i + 1 < pieces.length ? taken.get(i + 1) : -1;
      descriptor(descriptors() + 16L * taken.get(i), rooms.get(i).address(), pieces[i], next);
    }
    inFlight.put(taken.getFirst(), new InFlight(rooms, taken));
    return taken.getFirst();
  }

  /** Puts any descriptor into the table. */
  public void rawDescriptor(int index, long address, int length, int flags, int next) {
    long at = descriptors() + 16L * index;
    memory.storeU64(at, address);
    memory.storeU32(at + 8, length);
    memory.storeU16(at + 12, flags);
    memory.storeU16(at + 14, next);
  }

  /** Makes any head available. */
  public void makeAvailable(int head) {
    memory.storeU16(available() + 4 + 2L * (availableIndex & size - 1), head);
    availableIndex = availableIndex + 1 & 0xffff;
    setAvailableIndex(availableIndex);
  }

  /** Writes avail->idx. */
  public void setAvailableIndex(int index) {
    availableIndex = index & 0xffff;
    VarHandle.fullFence();
    memory.storeU16(available() + 2, index);
    VarHandle.fullFence();
  }

  /** What the driver last published. */
  public int availableIndex() {
    return availableIndex;
  }

  /** Writes avail->flags: 1 asks for no interrupts. */
  public void setAvailableFlags(int flags) {
    memory.storeU16(available(), flags);
  }

  /** Writes used_event: interrupt when used->idx passes it. */
  public void setUsedEvent(int index) {
    memory.storeU16(available() + 4 + 2L * size, index);
  }

  /** Reads avail_event: the device wants a kick when avail->idx passes it. */
  public int availableEvent() {
    return memory.loadU16(used() + 4 + 8L * size);
  }

  /** Reads used->flags: 1 asks for no kicks. */
  public int usedFlags() {
    return memory.loadU16(used());
  }

  /** Reads used->idx. */
  public int usedIndex() {
    int index = memory.loadU16(used() + 2);
    VarHandle.fullFence();
    return index;
  }

  @Override
  public Optional<Used> take() {
    if (usedIndex() == usedSeen) {
      return Optional.empty();
    }
    long entry = used() + 4 + 8L * (usedSeen & size - 1);
    usedSeen = usedSeen + 1 & 0xffff;
    int head = memory.loadU32(entry);
    InFlight chain = inFlight.remove(head);
    free.addAll(chain.descriptors);
    return Optional.of(new Used(head, memory.loadU32(entry + 4), bytes(memory, chain.rooms)));
  }

  @Override
  public void forbidInterrupts(boolean forbidden) {
    setAvailableFlags(forbidden ? 1 : 0);
  }

  @Override
  public void interruptAt(int chain, int entries) {
    setUsedEvent(chain);
  }

  /** Linux's rule for event indices. */
  @Override
  public boolean kickWanted() {
    return availableEvent() == (availableIndex - 1 & 0xffff);
  }

  @Override
  public boolean kickAskedForNext() {
    return availableEvent() == availableIndex;
  }

  @Override
  public boolean everyKickWanted() {
    return usedFlags() == 0;
  }

  private void descriptor(long at, long address, Piece piece, int next) {
    memory.storeU64(at, address);
    memory.storeU32(at + 8, piece.length());
    memory.storeU16(at + 12, (next >= 0 ? 1 : 0) | (piece.writable > 0 ? 2 : 0));
    memory.storeU16(at + 14, Math.max(next, 0));
  }
}
