package handover.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where RAM blocks sit in guest-physical address space, and checked access to them for devices.
 *
 * <p>Every access names a guest-physical range that must lie wholly inside one block; anything else
 * is a {@link GuestMemoryFault}, never a host exception. Writes mark the dirty log after the bytes
 * are stored. Integers are little-endian, the guest's order. The layout is fixed once harts run.
 */
public final class GuestMemory {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * A block at its place.
   *
   * @param base guest-physical address of the block's first byte
   * @param block the memory
   * @param writable whether guest stores reach it (false: ROM; flash is written through its device)
   */
  public record Mapping(long base, RamBlock block, boolean writable) {
    /** Whether {@code [address, address + length)} lies inside. */
    public boolean contains(long address, long length) {
      long offset = address - base;
      return offset >= 0 && length >= 0 && offset <= block.size() - length;
    }
  }

  private Mapping[] mappings = new Mapping[0];

  /**
   * Places a block, before harts run.
   *
   * @param base guest-physical address of its first byte
   * @param writable whether guest stores reach it
   * @throws IllegalArgumentException if it overlaps another
   */
  public void map(long base, RamBlock block, boolean writable) {
    List<Mapping> all = new ArrayList<>(List.of(mappings));
    for (Mapping other : all) {
      if (base < other.base() + other.block().size() && other.base() < base + block.size()) {
        throw new IllegalArgumentException(
            "%s at 0x%x overlaps %s at 0x%x"
                .formatted(block.name(), base, other.block().name(), other.base()));
      }
    }
    all.add(new Mapping(base, block, writable));
    // The largest block first: it is the one nearly every access wants.
    all.sort(Comparator.comparingLong((Mapping m) -> -m.block().size()));
    mappings = all.toArray(Mapping[]::new);
  }

  /** All mappings, largest block first. */
  public List<Mapping> mappings() {
    return List.of(mappings);
  }

  /** The mapping holding the whole range, if one does. */
  public Optional<Mapping> find(long address, long length) {
    return Optional.ofNullable(lookup(address, length));
  }

  /** Like {@link #find} without allocating: null when no block holds the range. */
  public Mapping lookup(long address, long length) {
    for (Mapping mapping : mappings) {
      if (mapping.contains(address, length)) {
        return mapping;
      }
    }
    return null;
  }

  /** Unsigned byte at {@code address}. */
  public int loadU8(long address) {
    Mapping m = require(address, 1);
    return m.block().segment().get(ValueLayout.JAVA_BYTE, address - m.base()) & 0xff;
  }

  /** Unsigned 16-bit value at {@code address}. */
  public int loadU16(long address) {
    Mapping m = require(address, 2);
    return m.block().segment().get(U16, address - m.base()) & 0xffff;
  }

  /** 32-bit value at {@code address}. */
  public int loadU32(long address) {
    Mapping m = require(address, 4);
    return m.block().segment().get(U32, address - m.base());
  }

  /** 64-bit value at {@code address}. */
  public long loadU64(long address) {
    Mapping m = require(address, 8);
    return m.block().segment().get(U64, address - m.base());
  }

  /** Stores the low 8 bits. */
  public void storeU8(long address, int value) {
    Mapping m = requireWritable(address, 1);
    m.block().segment().set(ValueLayout.JAVA_BYTE, address - m.base(), (byte) value);
    m.block().dirtyLog().mark(address - m.base());
  }

  /** Stores the low 16 bits. */
  public void storeU16(long address, int value) {
    Mapping m = requireWritable(address, 2);
    m.block().segment().set(U16, address - m.base(), (short) value);
    m.block().dirtyLog().mark(address - m.base(), 2);
  }

  /** Stores 32 bits. */
  public void storeU32(long address, int value) {
    Mapping m = requireWritable(address, 4);
    m.block().segment().set(U32, address - m.base(), value);
    m.block().dirtyLog().mark(address - m.base(), 4);
  }

  /** Stores 64 bits. */
  public void storeU64(long address, long value) {
    Mapping m = requireWritable(address, 8);
    m.block().segment().set(U64, address - m.base(), value);
    m.block().dirtyLog().mark(address - m.base(), 8);
  }

  /** Copies guest bytes into {@code destination}. */
  public void read(long address, byte[] destination, int offset, int length) {
    Mapping m = require(address, length);
    MemorySegment.copy(
        m.block().segment(),
        ValueLayout.JAVA_BYTE,
        address - m.base(),
        destination,
        offset,
        length);
  }

  /** Copies {@code source} bytes into the guest and marks the pages. */
  public void write(long address, byte[] source, int offset, int length) {
    Mapping m = requireWritable(address, length);
    MemorySegment.copy(
        source, offset, m.block().segment(), ValueLayout.JAVA_BYTE, address - m.base(), length);
    m.block().dirtyLog().mark(address - m.base(), length);
  }

  /** The same with bytes that may lie outside the heap. */
  public void write(long address, MemorySegment source) {
    long length = source.byteSize();
    Mapping m = requireWritable(address, length);
    MemorySegment.copy(source, 0, m.block().segment(), address - m.base(), length);
    m.block().dirtyLog().mark(address - m.base(), length);
  }

  private Mapping require(long address, long length) {
    Mapping mapping = lookup(address, length);
    if (mapping == null) {
      throw new GuestMemoryFault(address, length, "no RAM there");
    }
    return mapping;
  }

  private Mapping requireWritable(long address, long length) {
    Mapping mapping = require(address, length);
    if (!mapping.writable()) {
      throw new GuestMemoryFault(address, length, mapping.block().name() + " is read-only");
    }
    return mapping;
  }
}
