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

  static HostMapping map(String label, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      int fd = Libc.memfdCreate(arena.allocateFrom(label), MFD_CLOEXEC);
      require(fd, "memfd_create", bytes);
      require(Libc.truncate(fd, bytes), "ftruncate", bytes);
      long address = Libc.map(bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
      require(address, "mmap", bytes);
      return new HostMapping(
          MemorySegment.ofAddress(address).reinterpret(bytes), OptionalInt.of(fd), false);
    }
  }

  /** One bit for each 4 KiB page: clear only if no process has touched it. */
  static long[] touchedPages(int fd, long bytes) {
    long pages = bytes >>> DirtyLog.PAGE_SHIFT;
    long[] touched = DirtyLog.newBitmap(pages);
    long data = nextData(fd, 0);
    while (data >= 0 && data < bytes) {
      long hole = nextHole(fd, data);
      long end = hole < 0 ? bytes : hole;
      HostMapping.setRange(
          touched,
          data >>> DirtyLog.PAGE_SHIFT,
          Math.min(pages, (end + (1L << DirtyLog.PAGE_SHIFT) - 1) >>> DirtyLog.PAGE_SHIFT));
      data = hole < 0 ? -1 : nextData(fd, end);
    }
    return touched;
  }

  /** Offset of the first byte at or after {@code from} that has memory behind it, or negative. */
  private static long nextData(int fd, long from) {
    return Libc.seek(fd, from, SEEK_DATA);
  }

  /** Offset of the first byte at or after {@code from} that has none; the end counts as such. */
  private static long nextHole(int fd, long from) {
    return Libc.seek(fd, from, SEEK_HOLE);
  }

  /** Locks all memory of the process, now and from now on; whether the kernel agreed. */
  static boolean lockAll() {
    return Libc.supported() && Libc.lockAll(MCL_CURRENT_AND_FUTURE) == 0;
  }

  static void require(long result, String call, long bytes) {
    if (result < 0) {
      throw new IllegalStateException(
          "%s refused %d bytes of guest memory: %s; give the guest less with -m"
              .formatted(call, bytes, Libc.reason((int) -result)));
    }
  }
}
