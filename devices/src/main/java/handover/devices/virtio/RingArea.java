package handover.devices.virtio;

import handover.memory.DirtyLog;
import handover.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One part of a ring, found in guest memory and kept: descriptor table, available ring, used ring
 * and the like. Offsets are from the part's first byte and were checked against its length by the
 * queue's size.
 */
final class RingArea {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INDEX =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private MemorySegment segment;
  private long base;
  private DirtyLog dirtyLog;

  /**
   * Finds {@code length} bytes at {@code address}.
   *
   * @param alignment what the specification demands of the address (virtio 1.2, 2.7)
   */
  void find(
      GuestMemory memory, String part, long address, long length, int alignment, boolean written) {
    if ((address & alignment - 1) != 0) {
      throw new VirtioFault(
          "%s at 0x%x is not aligned to %d bytes".formatted(part, address, alignment));
    }
    GuestMemory.Mapping mapping = memory.lookup(address, length);
    if (mapping == null || written && !mapping.writable()) {
      throw new VirtioFault(
          "%s at 0x%x, %d bytes, is not in %sRAM"
              .formatted(part, address, length, mapping == null ? "" : "writable "));
    }
    segment = mapping.block().segment();
    base = address - mapping.base();
    dirtyLog = mapping.block().dirtyLog();
  }

  int u16(long offset) {
    return segment.get(U16, base + offset) & 0xffff;
  }

  int u32(long offset) {
    return segment.get(U32, base + offset);
  }

  long u64(long offset) {
    return segment.get(U64, base + offset);
  }

  /** An index or flags word that the driver publishes; what it guards is read after it. */
  int acquireU16(long offset) {
    return (short) INDEX.getAcquire(segment, base + offset) & 0xffff;
  }

  /** An index or flags word for the driver; what it guards was written before it. */
  void releaseU16(long offset, int value) {
    INDEX.setRelease(segment, base + offset, (short) value);
    dirtyLog.mark(base + offset, 2);
  }

  void storeU16(long offset, int value) {
    segment.set(U16, base + offset, (short) value);
    dirtyLog.mark(base + offset, 2);
  }

  void storeU32(long offset, int value) {
    segment.set(U32, base + offset, value);
    dirtyLog.mark(base + offset, 4);
  }

  /** Two 32-bit words side by side. */
  void storeU32Pair(long offset, int first, int second) {
    segment.set(U32, base + offset, first);
    segment.set(U32, base + offset + 4, second);
    dirtyLog.mark(base + offset, 8);
  }
}
