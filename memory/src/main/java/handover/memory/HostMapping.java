package handover.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;

/**
 * Zero-filled, page-aligned host memory that becomes resident only when touched.
 *
 * <p>On Linux it is a memfd, so that a vhost-user back end can map the same pages; elsewhere an
 * unlinked sparse file.
 *
 * @param segment the bytes; lives as long as the process
 * @param fileDescriptor the memfd behind it, if there is one
 */
public record HostMapping(MemorySegment segment, OptionalInt fileDescriptor) {

  /**
   * Maps {@code bytes} bytes, a positive multiple of 4096.
   *
   * @param label what a person sees in {@code /proc/PID/maps}
   */
  public static HostMapping allocate(String label, long bytes) {
    if (bytes <= 0 || (bytes & 4095) != 0) {
      throw new IllegalArgumentException(
          "memory of " + bytes + " bytes asked for '" + label + "'; give a multiple of 4096");
    }
    return Memfd.supported() ? Memfd.map(label, bytes) : mapSparseFile(bytes);
  }

  /**
   * Which pages may hold something: bit {@code i} of the result is clear only if the i-th 4 KiB
   * page has never been touched and so reads as zeros. Finding out touches nothing.
   */
  public long[] touchedPages() {
    long pages = segment.byteSize() >>> DirtyLog.PAGE_SHIFT;
    long[] touched = new long[(int) ((pages + 63) >>> 6)];
    if (fileDescriptor.isEmpty()) {
      setRange(touched, 0, pages);
      return touched;
    }
    int fd = fileDescriptor.getAsInt();
    long data = Memfd.nextData(fd, 0);
    while (data >= 0 && data < segment.byteSize()) {
      long hole = Memfd.nextHole(fd, data);
      long end = hole < 0 ? segment.byteSize() : hole;
      setRange(
          touched,
          data >>> DirtyLog.PAGE_SHIFT,
          Math.min(pages, (end + (1L << DirtyLog.PAGE_SHIFT) - 1) >>> DirtyLog.PAGE_SHIFT));
      data = hole < 0 ? -1 : Memfd.nextData(fd, end);
    }
    return touched;
  }

  /** Makes every page resident, so that no first access to one takes a fault. */
  public void populate() {
    // Written, not read: a page that was only read is the shared page of zeros.
    for (long page = 0; page < segment.byteSize(); page += 1L << DirtyLog.PAGE_SHIFT) {
      segment.set(ValueLayout.JAVA_BYTE, page, segment.get(ValueLayout.JAVA_BYTE, page));
    }
  }

  /**
   * Locks all memory of the process into RAM, now and from now on, which also makes it resident.
   *
   * @return false if the host does not allow that, or cannot
   */
  public static boolean lockProcess() {
    return Memfd.lockAll();
  }

  private static void setRange(long[] bits, long from, long to) {
    for (long i = from; i < to; i++) {
      bits[(int) (i >>> 6)] |= 1L << (i & 63);
    }
  }

  static HostMapping mapSparseFile(long bytes) {
    try {
      Path file = Files.createTempFile("handover-ram", "");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return new HostMapping(
            channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.global()),
            OptionalInt.empty());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot map " + bytes + " bytes of guest memory from a temporary file", e);
    }
  }
}
