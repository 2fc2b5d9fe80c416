package handover.devices.vhost;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Pages that the back end wrote, in memory that both sides see (vhost-user specification,
 * Migration): one bit per 4 KiB page of guest-physical address space, from address 0 on.
 */
final class VhostLog {
  private static final int PAGE_SHIFT = 12;
  private static final long HOST_PAGE = 4096;
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  private final GuestMemory memory;
  private final HostMapping mapping;

  /** A log of all of guest memory that a device can write to. */
  VhostLog(GuestMemory memory) {
    this.memory = memory;
    long end =
        memory.mappings().stream()
            .filter(GuestMemory.Mapping::writable)
            .mapToLong(m -> m.base() + m.block().size())
            .max()
            .orElse(HOST_PAGE);
    long bytes = (end - 1 >>> PAGE_SHIFT) / Byte.SIZE + 1;
    this.mapping =
        HostMapping.allocateShared(
            "vhost-user-log", (bytes + HOST_PAGE - 1) / HOST_PAGE * HOST_PAGE);
  }

  /** Size of the shared memory. */
  long bytes() {
    return mapping.segment().byteSize();
  }

  /** The shared memory's file descriptor. */
  int descriptor() {
    return mapping.fileDescriptor().orElseThrow();
  }

  void clear() {
    mapping.segment().fill((byte) 0);
  }

  /** Moves what was logged into the dirty logs of the RAM blocks. */
  void collect() {
    MemorySegment log = mapping.segment();
    for (long at = 0; at < log.byteSize(); at += Long.BYTES) {
      if (log.get(ValueLayout.JAVA_LONG, at) != 0) {
        mark(at * Byte.SIZE, (long) WORD.getAndSet(log, at, 0L));
      }
    }
  }

  /** What the back end says of pages that do not exist is nothing. */
  private void mark(long firstPage, long bits) {
    for (long left = bits; left != 0; left &= left - 1) {
      long address = firstPage + Long.numberOfTrailingZeros(left) << PAGE_SHIFT;
      GuestMemory.Mapping at = memory.lookup(address, 1);
      if (at != null) {
        at.block().dirtyLog().mark(address - at.base());
      }
    }
  }

  /** Marks all that the back end could have written. */
  void markAll() {
    memory.mappings().stream()
        .filter(GuestMemory.Mapping::writable)
        .forEach(m -> m.block().dirtyLog().mark(0, m.block().size()));
  }
}
