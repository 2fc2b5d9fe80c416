package handover.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * What Linux knows of the pages of this process: {@code /proc/self/pagemap}
 * (Documentation/admin-guide/mm/pagemap.rst).
 */
final class PageMap {
  private static final String FILE = "/proc/self/pagemap";

  /** Bits of the 64-bit entry that each page has. */
  private static final long PRESENT_OR_SWAPPED = 3L << 62;

  private static final int CHUNK = 64 << 10;

  /** {@code PAGEMAP_SCAN}, since Linux 6.7: ranges of pages, each as start, end, categories. */
  private static final long SCAN = 0xc060_6610L;

  private static final long SCAN_PRESENT_OR_SWAPPED = 1 << 3 | 1 << 4;
  private static final int REGIONS = 512;
  private static final int REGION = 3 * Long.BYTES;

  /** Places in its argument, all 64-bit. */
  private static final int SIZE = 0;

  private static final int START = 2;
  private static final int END = 3;
  private static final int WALK_END = 4;
  private static final int REGIONS_AT = 5;
  private static final int MOST_REGIONS = 6;
  private static final int ANY_OF = 10;
  private static final int RETURNED = 11;
  private static final int FIELDS = 12;

  private PageMap() {}

  /**
   * One bit for each 4 KiB page: clear only if it was never touched.
   *
   * @return empty where the host does not tell
   */
  static Optional<long[]> touchedPages(MemorySegment memory) {
    if (Libc.pageSize() != 1 << DirtyLog.PAGE_SHIFT) {
      return Optional.empty();
    }
    return scan(memory).or(() -> read(memory));
  }

  /** By ranges; empty where the kernel does not know how. */
  static Optional<long[]> scan(MemorySegment memory) {
    int fd = Libc.open(FILE);
    if (fd < 0) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      return scan(fd, memory, arena);
    } finally {
      var unused = Libc.close(fd);
    }
  }

  private static Optional<long[]> scan(int fd, MemorySegment memory, Arena arena) {
    MemorySegment regions = arena.allocate((long) REGIONS * REGION, Long.BYTES);
    MemorySegment argument = argument(memory, regions, arena);
    long[] touched = HostMapping.pageBits(memory.byteSize() >>> DirtyLog.PAGE_SHIFT);
    long next = memory.address();
    while (next < memory.address() + memory.byteSize()) {
      argument.setAtIndex(JAVA_LONG, START, next);
      int found = Libc.control(fd, SCAN, argument);
      long end = argument.getAtIndex(JAVA_LONG, WALK_END);
      if (found < 0 || end <= next) {
        return Optional.empty();
      }
      for (int i = 0; i < found; i++) {
        long from = regions.get(JAVA_LONG, (long) i * REGION) - memory.address();
        long to = regions.get(JAVA_LONG, (long) i * REGION + Long.BYTES) - memory.address();
        HostMapping.setRange(touched, from >>> DirtyLog.PAGE_SHIFT, to >>> DirtyLog.PAGE_SHIFT);
      }
      next = end;
    }
    return Optional.of(touched);
  }

  private static MemorySegment argument(MemorySegment memory, MemorySegment regions, Arena arena) {
    MemorySegment argument = arena.allocate(JAVA_LONG, FIELDS);
    argument.setAtIndex(JAVA_LONG, SIZE, argument.byteSize());
    argument.setAtIndex(JAVA_LONG, END, memory.address() + memory.byteSize());
    argument.setAtIndex(JAVA_LONG, REGIONS_AT, regions.address());
    argument.setAtIndex(JAVA_LONG, MOST_REGIONS, REGIONS);
    argument.setAtIndex(JAVA_LONG, ANY_OF, SCAN_PRESENT_OR_SWAPPED);
    argument.setAtIndex(JAVA_LONG, RETURNED, SCAN_PRESENT_OR_SWAPPED);
    return argument;
  }

  /** By an entry for each page. */
  static Optional<long[]> read(MemorySegment memory) {
    try (RandomAccessFile file = new RandomAccessFile(FILE, "r")) {
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
