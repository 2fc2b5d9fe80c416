package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The driver's side of a split ring, as a guest would keep it, in a region of guest memory: the
 * three parts from the region's first page, then a page-aligned buffer area of {@code
 * BUFFER_BYTES}.
 *
 * <p>Buffers are handed out in a circle; a test that keeps more than that in flight overwrites.
 */
public final class TestRing {
  /** Bytes of guest memory a ring takes. */
  public static final int REGION_BYTES = 1 << 20;

  private static final int RINGS_BYTES = 64 << 10;
  private static final int BUFFER_BYTES = REGION_BYTES - RINGS_BYTES;

  /** A piece of a chain: bytes for the device, or room for the device's. */
  public static final class Piece {
    private final byte[] readable;
    private final int writable;

    private Piece(byte[] readable, int writable) {
      this.readable = readable;
      this.writable = writable;
    }

    /** Bytes the device reads. */
    public static Piece out(byte... bytes) {
      return new Piece(bytes, 0);
    }

    /** Room the device may fill. */
    public static Piece in(int bytes) {
      return new Piece(new byte[0], bytes);
    }

    int length() {
      return writable == 0 ? readable.length : writable;
    }
  }

  /** A chain that came back. */
  public static final class Used {
    private final int head;
    private final int length;
    private final byte[] bytes;

    private Used(int head, int length, byte[] bytes) {
      this.head = head;
      this.length = length;
      this.bytes = bytes;
    }

    /** Its head descriptor. */
    public int head() {
      return head;
    }

    /** How many bytes the device says it wrote. */
    public int length() {
      return length;
    }

    /** The writable pieces' bytes, end to end, all of them. */
    public byte[] bytes() {
      return bytes.clone();
    }

    /** The bytes the device says it wrote. */
    public byte[] written() {
      return Arrays.copyOf(bytes, length);
    }
  }

  /** A piece's place in guest memory. */
  private record Room(long address, int writable) {}

  private record InFlight(List<Room> rooms, List<Integer> descriptors) {}

  private final GuestMemory memory;
  private final int size;
  private final long base;
  private final Deque<Integer> free = new ArrayDeque<>();
  private final Map<Integer, InFlight> inFlight = new HashMap<>();
  private long nextBuffer;
  private int availableIndex;
  private int usedSeen;

  /** A ring at {@code base}, a multiple of 4096, laid out as a legacy driver must. */
  public TestRing(GuestMemory memory, long base, int size) {
    this.memory = memory;
    this.base = base;
    this.size = size;
    for (int i = 0; i < size; i++) {
      free.add(i);
    }
  }

  /** Entries. */
  public int size() {
    return size;
  }

  /** Address of the descriptor table. */
  public long descriptors() {
    return base;
  }

  /** Address of the available ring. */
  public long available() {
    return base + 16L * size;
  }

  /** Address of the used ring. */
  public long used() {
    return available() + 2L * (3 + size) + 4095 & -4096L;
  }

  /** Zeroes all three parts, as a driver does before it tells the device of them. */
  public void clear() {
    memory.write(base, new byte[RINGS_BYTES], 0, RINGS_BYTES);
  }

  /** Adds a chain and makes it available at once. Returns its head. */
  public int add(Piece... pieces) {
    int head = write(pieces);
    makeAvailable(head);
    return head;
  }

  /** Adds a chain through one indirect descriptor. Returns its head. */
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

  /** Takes the next chain that came back, if one did. */
  public Optional<Used> take() {
    if (usedIndex() == usedSeen) {
      return Optional.empty();
    }
    long entry = used() + 4 + 8L * (usedSeen & size - 1);
    usedSeen = usedSeen + 1 & 0xffff;
    int head = memory.loadU32(entry);
    InFlight chain = inFlight.remove(head);
    free.addAll(chain.descriptors);
    byte[] bytes = new byte[chain.rooms.stream().mapToInt(Room::writable).sum()];
    int at = 0;
    for (Room room : chain.rooms) {
      memory.read(room.address(), bytes, at, room.writable());
      at += room.writable();
    }
    return Optional.of(new Used(head, memory.loadU32(entry + 4), bytes));
  }

  /** Waits up to ten seconds for the next chain to come back. */
  public Used await() {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (System.nanoTime() < deadline) {
      Optional<Used> used = take();
      if (used.isPresent()) {
        return used.get();
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("the device did not use a chain within 10 s");
  }

  private void descriptor(long at, long address, Piece piece, int next) {
    memory.storeU64(at, address);
    memory.storeU32(at + 8, piece.length());
    memory.storeU16(at + 12, (next >= 0 ? 1 : 0) | (piece.writable > 0 ? 2 : 0));
    memory.storeU16(at + 14, Math.max(next, 0));
  }

  private Room place(Piece piece) {
    long address = buffer(piece.length());
    if (piece.writable == 0) {
      memory.write(address, piece.readable, 0, piece.readable.length);
    }
    return new Room(address, piece.writable);
  }

  private long buffer(int bytes) {
    if (nextBuffer + bytes > BUFFER_BYTES) {
      nextBuffer = 0;
    }
    long address = base + RINGS_BYTES + nextBuffer;
    nextBuffer = nextBuffer + bytes + 15 & -16L;
    return address;
  }
}
