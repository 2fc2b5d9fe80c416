package handover.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
