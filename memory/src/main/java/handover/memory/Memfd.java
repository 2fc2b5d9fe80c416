package handover.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/** Linux's {@code memfd_create(2)}, {@code mmap(2)} and {@code mlockall(2)}. */
final class Memfd {
  private static final int MFD_CLOEXEC = 1;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int MCL_CURRENT_AND_FUTURE = 3;

  private Memfd() {}

  static boolean supported() {
    return Libc.supported();
  }

  static HostMapping map(String label, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      int fd = Libc.memfdCreate(arena.allocateFrom(label), MFD_CLOEXEC);
      require(fd, "memfd_create", bytes);
      require(Libc.truncate(fd, bytes), "ftruncate", bytes);
      long address = Libc.map(bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
      require(address, "mmap", bytes);
      return new HostMapping(segment(address, bytes), OptionalInt.of(fd));
    }
  }

  /** Offset of the first byte at or after {@code from} that has memory behind it, or negative. */
  static long nextData(int fd, long from) {
    return Libc.seek(fd, from, SEEK_DATA);
  }

  /** Offset of the first byte at or after {@code from} that has none; the end counts as such. */
  static long nextHole(int fd, long from) {
    return Libc.seek(fd, from, SEEK_HOLE);
  }

  /** Locks all memory of the process, now and from now on; whether the kernel agreed. */
  static boolean lockAll() {
    return Libc.supported() && Libc.lockAll(MCL_CURRENT_AND_FUTURE) == 0;
  }

  private static MemorySegment segment(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  private static void require(long result, String call, long bytes) {
    if (result < 0) {
      throw new IllegalStateException(
          "%s refused %d bytes of guest memory: %s; give the guest less with -m"
              .formatted(call, bytes, Libc.reason((int) -result)));
    }
  }
}
