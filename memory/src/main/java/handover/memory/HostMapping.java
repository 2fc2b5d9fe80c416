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
 * <p>On Linux it is anonymous memory in huge pages, or a memfd where another process is to map the
 * same pages; elsewhere an unlinked sparse file.
 *
 * @param segment the bytes; lives as long as the process
 * @param fileDescriptor the memfd behind it, if there is one
 * @param blank whether it was all zeros when it was mapped, and is this process's alone
 */
public record HostMapping(MemorySegment segment, OptionalInt fileDescriptor, boolean blank) {

  /** Wraps bytes that are there already, of which all may hold something. */
  public static HostMapping of(MemorySegment segment) {
    return new HostMapping(segment, OptionalInt.empty(), false);
  }

  /** Gets ready to map memory, which takes a JVM that has just started a while. Any thread. */
  public static void prepare() {
    if (Libc.supported()) {
      Libc.prepareMapping();
    }
  }

  /**
   * Maps {@code bytes} bytes, a positive multiple of 4096, for this process alone.
   *
   * @param label what an error calls it
   */
  public static HostMapping allocate(String label, long bytes) {
    check(label, bytes);
    return Libc.supported() ? AnonymousMemory.map(label, bytes) : mapSparseFile(bytes);
  }

  /**
   * Maps as many that can be shared with another process, such as a vhost-user back end.
   *
   * @param label what a person sees in {@code /proc/PID/maps}
   * @throws UnsupportedOperationException where the host is not Linux
   */
  public static HostMapping allocateShared(String label, long bytes) {
    check(label, bytes);
    return Memfd.map(label, bytes);
  }

  private static void check(String label, long bytes) {
    if (bytes <= 0 || (bytes & 4095) != 0) {
      throw new IllegalArgumentException(
          "memory of " + bytes + " bytes asked for '" + label + "'; give a multiple of 4096");
    }
  }

  /**
   * Which pages the host knows to have been touched by any process: bit {@code i} of the result is
   * clear only if the i-th 4 KiB page never was and so reads as zeros. All of them where it does
   * not tell. Finding out touches nothing.
   */
  public long[] touchedPages() {
    if (fileDescriptor.isPresent()) {
      return Memfd.touchedPages(fileDescriptor.getAsInt(), segment.byteSize());
    }
    long pages = segment.byteSize() >>> DirtyLog.PAGE_SHIFT;
    long[] touched = DirtyLog.newBitmap(pages);
    setRange(touched, 0, pages);
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

  /** Sets the bits of the pages from {@code from} to before {@code to}. */
  public static void setRange(long[] bits, long from, long to) {
    for (long page = from; page < to; page = DirtyLog.nextWord(page)) {
      bits[(int) (page >>> 6)] |= DirtyLog.bits(page, to);
    }
  }

  static HostMapping mapSparseFile(long bytes) {
    try {
      Path file = Files.createTempFile("handover-ram", "");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        MemorySegment bytesOfFile =
            channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.global());
        return new HostMapping(bytesOfFile, OptionalInt.empty(), true);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot map " + bytes + " bytes of guest memory from a temporary file", e);
    }
  }
}
