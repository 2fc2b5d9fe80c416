package handover.riscv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * The host's whole address space as one segment: the fast path of guest loads and stores.
 *
 * <p>There is no bounds check behind these. The only safety is that an address comes from {@link
 * #address}, or was found to lie in the host page that a TLB entry names, which comes from there.
 */
final class HostMemory {
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /**
   * What is done to an address that was found right changes nothing and tells HotSpot that it lies
   * in {@link #ALL}, which it would otherwise test with two more branches.
   */
  static final long HOST = Long.MAX_VALUE >>> 1;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  // The same accesses for methods so large that HotSpot would stop inlining the ones below: a
  // variable handle's access is always inlined. Coordinates are {@link #ALL} and the address.
  static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  static final VarHandle SHORT = U16.varHandle();
  static final VarHandle INT = U32.varHandle();
  static final VarHandle LONG = U64.varHandle();

  /** Atomic access to aligned words: coordinates are the segment and the address. */
  static final VarHandle ATOMIC_INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  /** Atomic access to aligned doublewords. */
  static final VarHandle ATOMIC_LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private HostMemory() {}

  /**
   * The host address of a piece of guest memory.
   *
   * @throws IndexOutOfBoundsException if it is not wholly inside
   */
  static long address(MemorySegment memory, long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, memory.byteSize());
    return memory.address() + offset;
  }

  static byte getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  static short getShort(long address) {
    return ALL.get(U16, address);
  }

  static int getInt(long address) {
    return ALL.get(U32, address);
  }

  static long getLong(long address) {
    return ALL.get(U64, address);
  }

  static void setByte(long address, byte value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, value);
  }

  static void setShort(long address, short value) {
    ALL.set(U16, address, value);
  }

  static void setInt(long address, int value) {
    ALL.set(U32, address, value);
  }

  static void setLong(long address, long value) {
    ALL.set(U64, address, value);
  }

  /** 1, 2, 4 or 8 bytes, zero-extended, at any alignment. */
  static long get(long address, int bytes) {
    return switch (bytes) {
      case 1 -> getByte(address) & 0xffL;
      case 2 -> getShort(address) & 0xffffL;
      case 4 -> getInt(address) & 0xffff_ffffL;
      default -> getLong(address);
    };
  }

  /** Stores the low 1, 2, 4 or 8 bytes at any alignment. */
  static void set(long address, int bytes, long value) {
    switch (bytes) {
      case 1 -> setByte(address, (byte) value);
      case 2 -> setShort(address, (short) value);
      case 4 -> setInt(address, (int) value);
      default -> setLong(address, value);
    }
  }
}
