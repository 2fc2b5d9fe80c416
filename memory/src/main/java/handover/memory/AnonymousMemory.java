package handover.memory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
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

  /** One 64-bit entry a page: present in RAM, or in swap. */
  private static final String PAGEMAP = "/proc/self/pagemap";

  private static final long PRESENT_OR_SWAPPED = 3L << 62;
  private static final int CHUNK = 64 << 10;

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

  /**
   * One bit for each 4 KiB page: clear only if it was never touched.
   *
   * @return empty where the host does not tell
   */
  static Optional<long[]> touchedPages(MemorySegment memory) {
    if (Libc.pageSize() != 1 << DirtyLog.PAGE_SHIFT) {
      return Optional.empty();
    }
    try (RandomAccessFile file = new RandomAccessFile(PAGEMAP, "r")) {
      return Optional.of(read(file.getChannel(), memory));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static long[] read(FileChannel pagemap, MemorySegment memory) throws IOException {
    int pages = Math.toIntExact(memory.byteSize() >>> DirtyLog.PAGE_SHIFT);
    long[] touched = HostMapping.pageBits(pages);
    long first = memory.address() >>> DirtyLog.PAGE_SHIFT;
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.nativeOrder());
    int page = 0;
    while (page < pages) {
      chunk.clear().limit(Math.min(CHUNK, (pages - page) * Long.BYTES));
      while (chunk.hasRemaining()) {
        if (pagemap.read(chunk, (first + page) * Long.BYTES + chunk.position()) <= 0) {
          throw new IOException("pagemap ended at page " + page);
        }
      }
      LongBuffer entries = chunk.flip().asLongBuffer();
      for (; entries.hasRemaining(); page++) {
        if ((entries.get() & PRESENT_OR_SWAPPED) != 0) {
          touched[page >>> 6] |= 1L << page;
        }
      }
    }
    return touched;
  }
}
