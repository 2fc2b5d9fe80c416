package handover.memory;

import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/**
 * Memory of this process alone: anonymous pages, huge ones where the host has them ({@code
 * mmap(2)}, {@code madvise(2)}). A first touch of 2 MiB then costs one fault instead of 512, and
 * the host's TLB reaches 512 times as far.
 */
final class AnonymousMemory {
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x2 | 0x20 | 0x4000;
  private static final int MADV_HUGEPAGE = 14;
  private static final long HUGE_PAGE = 2L << 20;

  private AnonymousMemory() {}

  static HostMapping map(String label, long bytes) {
    boolean huge = bytes >= HUGE_PAGE;
    // Huge pages are aligned ones; what is mapped around them is never touched.
    long room = huge ? bytes + HUGE_PAGE : bytes;
    long address = Libc.map(room, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
    Memfd.require(address, "mmap of " + label, bytes);
    long start = huge ? (address + HUGE_PAGE - 1) & -HUGE_PAGE : address;
    MemorySegment segment = MemorySegment.ofAddress(start).reinterpret(bytes);
    if (huge) {
      var unused = Libc.advise(segment, MADV_HUGEPAGE); // A kernel without them says so: no matter.
    }
    return new HostMapping(segment, OptionalInt.empty(), true);
  }
}
