package handover.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Linux's {@code memfd_create(2)}, {@code ftruncate(2)}, {@code mmap(2)}, {@code lseek(2)} and
 * {@code mlockall(2)} through FFM.
 */
final class Memfd {
  private static final int MFD_CLOEXEC = 1;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int MCL_CURRENT_AND_FUTURE = 3;

  private static final Optional<Memfd> LIBC = link();

  private final MethodHandle memfdCreate;
  private final MethodHandle ftruncate;
  private final MethodHandle mmap;
  private final MethodHandle lseek;
  private final MethodHandle mlockall;

  private Memfd(Linker linker, SymbolLookup libc) {
    memfdCreate =
        linker.downcallHandle(
            libc.findOrThrow("memfd_create"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    ftruncate =
        linker.downcallHandle(
            libc.findOrThrow("ftruncate"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    mmap =
        linker.downcallHandle(
            libc.findOrThrow("mmap"),
            FunctionDescriptor.of(
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    lseek =
        linker.downcallHandle(
            libc.findOrThrow("lseek"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    mlockall =
        linker.downcallHandle(
            libc.findOrThrow("mlockall"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }

  static boolean supported() {
    return LIBC.isPresent();
  }

  static HostMapping map(String label, long bytes) {
    return LIBC.orElseThrow().create(label, bytes);
  }

  /** Offset of the first byte at or after {@code from} that has memory behind it, or -1. */
  static long nextData(int fd, long from) {
    return LIBC.orElseThrow().seek(fd, from, SEEK_DATA);
  }

  /** Offset of the first byte at or after {@code from} that has none; the end counts as such. */
  static long nextHole(int fd, long from) {
    return LIBC.orElseThrow().seek(fd, from, SEEK_HOLE);
  }

  /** Locks all memory of the process, now and from now on; whether the kernel agreed. */
  static boolean lockAll() {
    return LIBC.isPresent() && LIBC.get().lock();
  }

  private boolean lock() {
    try {
      return (int) mlockall.invokeExact(MCL_CURRENT_AND_FUTURE) == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed", e);
    }
  }

  private long seek(int fd, long from, int whence) {
    try {
      return (long) lseek.invokeExact(fd, from, whence);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed", e);
    }
  }

  private static Optional<Memfd> link() {
    Linker linker = Linker.nativeLinker();
    SymbolLookup libc = linker.defaultLookup();
    boolean linux = System.getProperty("os.name").equals("Linux");
    return linux && libc.find("memfd_create").isPresent()
        ? Optional.of(new Memfd(linker, libc))
        : Optional.empty();
  }

  private HostMapping create(String label, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      int fd = (int) memfdCreate.invokeExact(arena.allocateFrom(label), MFD_CLOEXEC);
      require(fd >= 0, "memfd_create", bytes);
      require((int) ftruncate.invokeExact(fd, bytes) == 0, "ftruncate", bytes);
      MemorySegment address =
          (MemorySegment)
              mmap.invokeExact(MemorySegment.NULL, bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0L);
      require(address.address() != -1L, "mmap", bytes);
      return new HostMapping(address.reinterpret(bytes), OptionalInt.of(fd));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call into libc failed", e);
    }
  }

  private static void require(boolean success, String call, long bytes) {
    if (!success) {
      throw new IllegalStateException(
          call + " refused " + bytes + " bytes of guest memory; give the guest less with -m");
    }
  }
}
