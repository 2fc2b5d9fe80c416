package handover.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the JDK cannot ask of Linux: memory with a file descriptor, descriptors passed to other
 * processes, events. Everything of Handover that knows the host's system is in this package and
 * goes through here.
 *
 * <p>A call returns what the C library's function returns, or the negated error number.
 */
final class Libc {
  static final int EINTR = 4;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

  private static final Optional<Libc> LOADED = load();

  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup library = linker.defaultLookup();
  private final MethodHandle memfdCreate = link("memfd_create", INT, POINTER, INT);
  private final MethodHandle ftruncate = link("ftruncate", INT, INT, LONG);
  private final MethodHandle mmap = link("mmap", LONG, LONG, LONG, INT, INT, INT, LONG);
  private final MethodHandle munmap = link("munmap", INT, LONG, LONG);
  private final MethodHandle madvise = link("madvise", INT, POINTER, LONG, INT);
  private final MethodHandle getpagesize = linkPlain("getpagesize", INT);
  private final MethodHandle lseek = link("lseek", LONG, INT, LONG, INT);
  private final MethodHandle mlockall = link("mlockall", INT, INT);
  private final MethodHandle close = link("close", INT, INT);
  private final MethodHandle eventfd = link("eventfd", INT, INT, INT);
  private final MethodHandle socket = link("socket", INT, INT, INT, INT);
  private final MethodHandle connect = link("connect", INT, INT, POINTER, INT);
  private final MethodHandle bind = link("bind", INT, INT, POINTER, INT);
  private final MethodHandle listen = link("listen", INT, INT, INT);
  private final MethodHandle accept = link("accept4", INT, INT, POINTER, POINTER, INT);
  private final MethodHandle shutdown = link("shutdown", INT, INT, INT);
  private final MethodHandle sendmsg = link("sendmsg", LONG, INT, POINTER, INT);
  private final MethodHandle recvmsg = link("recvmsg", LONG, INT, POINTER, INT);
  private final MethodHandle poll = link("poll", INT, POINTER, LONG, INT);
  private final MethodHandle write = linkPlain("write", LONG, INT, POINTER, LONG);
  private final MethodHandle read = linkPlain("read", LONG, INT, POINTER, LONG);
  private final MethodHandle strerror = linkPlain("strerror", POINTER, INT);

  private Libc() {}

  /** Whether this is a Linux that has all of it. */
  static boolean supported() {
    return LOADED.isPresent();
  }

  static int memfdCreate(MemorySegment label, int flags) {
    return (int) call(libc().memfdCreate, label, flags);
  }

  static int truncate(int fd, long bytes) {
    return (int) call(libc().ftruncate, fd, bytes);
  }

  /** The address, or the negated error number. */
  static long map(long bytes, int protection, int flags, int fd, long offset) {
    return call(libc().mmap, 0L, bytes, protection, flags, fd, offset);
  }

  static int unmap(MemorySegment mapped) {
    return (int) call(libc().munmap, mapped.address(), mapped.byteSize());
  }

  static int advise(MemorySegment mapped, int advice) {
    return (int) call(libc().madvise, mapped, mapped.byteSize(), advice);
  }

  /** Bytes of a page of the host's. */
  static int pageSize() {
    try {
      return (int) libc().getpagesize.invokeExact();
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static long seek(int fd, long offset, int whence) {
    return call(libc().lseek, fd, offset, whence);
  }

  static int lockAll(int flags) {
    return (int) call(libc().mlockall, flags);
  }

  static int close(int fd) {
    return (int) call(libc().close, fd);
  }

  static int eventfd(int flags) {
    return (int) call(libc().eventfd, 0, flags);
  }

  static int socket(int domain, int type) {
    return (int) call(libc().socket, domain, type, 0);
  }

  static int connect(int fd, MemorySegment address) {
    return (int) call(libc().connect, fd, address, (int) address.byteSize());
  }

  static int bind(int fd, MemorySegment address) {
    return (int) call(libc().bind, fd, address, (int) address.byteSize());
  }

  static int listen(int fd, int backlog) {
    return (int) call(libc().listen, fd, backlog);
  }

  static int accept(int fd, int flags) {
    return (int) call(libc().accept, fd, MemorySegment.NULL, MemorySegment.NULL, flags);
  }

  static int shutdown(int fd, int how) {
    return (int) call(libc().shutdown, fd, how);
  }

  static long sendmsg(int fd, MemorySegment message, int flags) {
    return call(libc().sendmsg, fd, message, flags);
  }

  static long recvmsg(int fd, MemorySegment message, int flags) {
    return call(libc().recvmsg, fd, message, flags);
  }

  static int poll(MemorySegment descriptors, long count, int millis) {
    return (int) call(libc().poll, descriptors, count, millis);
  }

  /** Writes; -1 if it cannot, for whatever reason. Allocates nothing. */
  static long write(int fd, MemorySegment bytes, long count) {
    try {
      return (long) libc().write.invokeExact(fd, bytes, count);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Reads; -1 if it cannot, for whatever reason. Allocates nothing. */
  static long read(int fd, MemorySegment bytes, long count) {
    try {
      return (long) libc().read.invokeExact(fd, bytes, count);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /**
   * Passes on a result that is not negative.
   *
   * @throws IOException with the system's words otherwise
   */
  static long require(String what, long result) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + reason((int) -result));
    }
    return result;
  }

  /** The system's words for an error number. */
  static String reason(int error) {
    try {
      MemorySegment text = (MemorySegment) libc().strerror.invokeExact(error);
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static Libc libc() {
    return LOADED.orElseThrow(
        () -> new UnsupportedOperationException("this needs Linux; use another back end"));
  }

  private static long call(MethodHandle function, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      List<Object> all = new ArrayList<>(List.of(state));
      all.addAll(List.of(arguments));
      long result = ((Number) function.invokeWithArguments(all)).longValue();
      return result == -1 ? -(long) (int) ERRNO.get(state, 0L) : result;
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static RuntimeException failed(Throwable e) {
    return switch (e) {
      case Error error -> throw error;
      case RuntimeException known -> known;
      default -> new IllegalStateException("a call into the C library failed", e);
    };
  }

  private MethodHandle link(String name, MemoryLayout result, MemoryLayout... arguments) {
    return linker.downcallHandle(
        library.findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  private MethodHandle linkPlain(String name, MemoryLayout result, MemoryLayout... arguments) {
    return linker.downcallHandle(
        library.findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  private static Optional<Libc> load() {
    boolean linux = System.getProperty("os.name").equals("Linux");
    return linux && Linker.nativeLinker().defaultLookup().find("memfd_create").isPresent()
        ? Optional.of(new Libc())
        : Optional.empty();
  }
}
