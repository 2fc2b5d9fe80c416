package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The driver's side of a ring, as a guest would keep it, in a region of guest memory: the ring's
 * parts from the region's first page, then a page-aligned buffer area of {@code BUFFER_BYTES}.
 *
 * <p>Buffers are handed out in a circle; a test that keeps more than that in flight overwrites.
 */
public abstract class TestRing {
  /** Bytes of guest memory a ring takes. */
  public static final int REGION_BYTES = 1 << 20;

  static final int RINGS_BYTES = 64 << 10;
  private static final int BUFFER_BYTES = REGION_BYTES - RINGS_BYTES;

  /** A piece of a chain: bytes for the device, or room for the device's. */
  public static final class Piece {
    final byte[] readable;
    final int writable;

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

    Used(int head, int length, byte[] bytes) {
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
  record Room(long address, int writable) {}

  final GuestMemory memory;
  final int size;
  final long base;
  private long nextBuffer;

  TestRing(GuestMemory memory, long base, int size) {
    this.memory = memory;
    this.base = base;
    this.size = size;
  }

  /** A ring at {@code base}, a multiple of 4096; a split one is laid out as legacy needs it. */
  public static TestRing of(boolean packed, GuestMemory memory, long base, int size) {
    return packed ? new PackedTestRing(memory, base, size) : new SplitTestRing(memory, base, size);
  }

  /** Entries. */
  public final int size() {
    return size;
  }

  /** Address of the descriptor table or ring. */
  public final long descriptors() {
    return base;
  }

  /** Address of the available ring, or the driver's event suppression. */
  public abstract long available();

  /** Address of the used ring, or the device's event suppression. */
  public abstract long used();

  /** Zeroes all three parts, as a driver does before it tells the device of them. */
  public final void clear() {
    memory.write(base, new byte[RINGS_BYTES], 0, RINGS_BYTES);
  }

  /** Adds a chain and makes it available at once. Returns its head, or its buffer id. */
  public abstract int add(Piece... pieces);

  /** Adds a chain through one indirect descriptor. Returns its head, or its buffer id. */
  public abstract int addIndirect(Piece... pieces);

  /** Takes the next chain that came back, if one did. */
  public abstract Optional<Used> take();

  /** Asks for no interrupts, or for all. */
  public abstract void forbidInterrupts(boolean forbidden);

  /** Asks for an interrupt when chain {@code chain}, counted from 0, of equal ones comes back. */
  public abstract void interruptAt(int chain, int entries);

  /** Whether the device wants a kick for the chain that was added last. */
  public abstract boolean kickWanted();

  /** Whether the device asked for a kick exactly at the chain that will be added next. */
  public abstract boolean kickAskedForNext();

  /** Whether the device asked for every kick. */
  public abstract boolean everyKickWanted();

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

  static byte[] bytes(GuestMemory memory, List<Room> rooms) {
    byte[] bytes = new byte[rooms.stream().mapToInt(Room::writable).sum()];
    int at = 0;
    for (Room room : rooms) {
      memory.read(room.address(), bytes, at, room.writable());
      at += room.writable();
    }
    return bytes;
  }

  final Room place(Piece piece) {
    long address = buffer(piece.length());
    if (piece.writable == 0) {
      memory.write(address, piece.readable, 0, piece.readable.length);
    }
    return new Room(address, piece.writable);
  }

  final long buffer(int bytes) {
    if (nextBuffer + bytes > BUFFER_BYTES) {
      nextBuffer = 0;
    }
    long address = base + RINGS_BYTES + nextBuffer;
    nextBuffer = nextBuffer + bytes + 15 & -16L;
    return address;
  }
}
