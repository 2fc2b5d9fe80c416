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

/**
 * What the JDK cannot ask of Linux: memory with a file descriptor, descriptors passed to other
 * processes, events. Everything of Handover that knows the host's system is in this package and
 * goes through here.
 *
 * <p>A call returns what the C library's function returns, or the negated error number. What every
 * machine calls when it starts is called exactly: the general way has the JVM make dozens of
 * classes.
 */
final class Libc {
  static final int EINTR = 4;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBRARY = LINKER.defaultLookup();
  private static final boolean SUPPORTED =
      System.getProperty("os.name").equals("Linux") && LIBRARY.find("memfd_create").isPresent();

  private static final Function MEMFD_CREATE = Function.of("memfd_create", INT, POINTER, INT);
  private static final Function FTRUNCATE = Function.of("ftruncate", INT, INT, LONG);
  private static final Function MMAP = Function.of("mmap", LONG, LONG, LONG, INT, INT, INT, LONG);
  private static final Function PLAIN_MMAP =
      Function.plain("mmap", LONG, LONG, LONG, INT, INT, INT, LONG);
  private static final Function MUNMAP = Function.of("munmap", INT, LONG, LONG);
  private static final Function MADVISE = Function.plain("madvise", INT, POINTER, LONG, INT);
  private static final Function LSEEK = Function.of("lseek", LONG, INT, LONG, INT);
  private static final Function MLOCKALL = Function.of("mlockall", INT, INT);
  private static final Function CLOSE = Function.of("close", INT, INT);
  private static final Function EVENTFD = Function.of("eventfd", INT, INT, INT);
  private static final Function SOCKET = Function.of("socket", INT, INT, INT, INT);
  private static final Function CONNECT = Function.of("connect", INT, INT, POINTER, INT);
  private static final Function BIND = Function.of("bind", INT, INT, POINTER, INT);
  private static final Function LISTEN = Function.of("listen", INT, INT, INT);
  private static final Function ACCEPT = Function.of("accept4", INT, INT, POINTER, POINTER, INT);
  private static final Function SHUTDOWN = Function.of("shutdown", INT, INT, INT);
  private static final Function SENDMSG = Function.of("sendmsg", LONG, INT, POINTER, INT);
  private static final Function RECVMSG = Function.of("recvmsg", LONG, INT, POINTER, INT);
  private static final Function POLL = Function.of("poll", INT, POINTER, LONG, INT);
  private static final Function SCHED_GETAFFINITY =
      Function.plain("sched_getaffinity", INT, INT, LONG, POINTER);
  private static final Function SCHED_SETAFFINITY =
      Function.plain("sched_setaffinity", INT, INT, LONG, POINTER);
  private static final Function SCHED_GETATTR =
      Function.plain("syscall", LONG, LONG, INT, POINTER, INT, INT);
  private static final Function SCHED_SETATTR =
      Function.plain("syscall", LONG, LONG, INT, POINTER, INT);
  private static final Function STRERROR = Function.plain("strerror", POINTER, INT);

  private Libc() {}

  /** Whether this is a Linux that has all of it. */
  static boolean supported() {
    return SUPPORTED;
  }

  /** Links what {@link #map} and {@link #advise} call. */
  static void prepareMapping() {
    PLAIN_MMAP.handle();
    MADVISE.handle();
  }

  static int memfdCreate(MemorySegment label, int flags) {
    return (int) call(MEMFD_CREATE, label, flags);
  }

  static int truncate(int fd, long bytes) {
    return (int) call(FTRUNCATE, fd, bytes);
  }

  /** The address, or the negated error number. */
  static long map(long bytes, int protection, int flags, int fd, long offset) {
    try {
      long address =
          (long) PLAIN_MMAP.handle().invokeExact(0L, bytes, protection, flags, fd, offset);
      return address == -1 ? mapAgain(bytes, protection, flags, fd, offset) : address;
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** For the error number. */
  private static long mapAgain(long bytes, int protection, int flags, int fd, long offset) {
    return call(MMAP, 0L, bytes, protection, flags, fd, offset);
  }

  static int unmap(MemorySegment mapped) {
    return (int) call(MUNMAP, mapped.address(), mapped.byteSize());
  }

  /** Tells how memory will be used; -1 if that is of no interest. */
  static int advise(MemorySegment mapped, int advice) {
    try {
      return (int) MADVISE.handle().invokeExact(mapped, mapped.byteSize(), advice);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static long seek(int fd, long offset, int whence) {
    return call(LSEEK, fd, offset, whence);
  }

  /** {@code sched_getaffinity}; -1 if it fails. */
  static int affinityOf(int thread, MemorySegment mask) {
    try {
      return (int) SCHED_GETAFFINITY.handle().invokeExact(thread, mask.byteSize(), mask);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** {@code sched_setaffinity}; -1 if it fails. */
  static int confine(int thread, MemorySegment mask) {
    try {
      return (int) SCHED_SETAFFINITY.handle().invokeExact(thread, mask.byteSize(), mask);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** {@code sched_getattr}, which older C libraries have no name for; -1 if it fails. */
  static long schedulingOf(int thread, MemorySegment attributes) {
    int size = (int) attributes.byteSize();
    try {
      return (long)
          SCHED_GETATTR.handle().invokeExact(schedSetattr() + 1, thread, attributes, size, 0);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** {@code sched_setattr}; -1 if it fails. */
  static long schedule(int thread, MemorySegment attributes) {
    try {
      return (long) SCHED_SETATTR.handle().invokeExact(schedSetattr(), thread, attributes, 0);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Number of the system call; that of {@code sched_getattr} follows it. */
  private static long schedSetattr() {
    return System.getProperty("os.arch").equals("amd64") ? 314 : 274;
  }

  static int lockAll(int flags) {
    return (int) call(MLOCKALL, flags);
  }

  static int close(int fd) {
    return (int) call(CLOSE, fd);
  }

  static int eventfd(int flags) {
    return (int) call(EVENTFD, 0, flags);
  }

  static int socket(int domain, int type) {
    return (int) call(SOCKET, domain, type, 0);
  }

  static int connect(int fd, MemorySegment address) {
    return (int) call(CONNECT, fd, address, (int) address.byteSize());
  }

  static int bind(int fd, MemorySegment address) {
    return (int) call(BIND, fd, address, (int) address.byteSize());
  }

  static int listen(int fd, int backlog) {
    return (int) call(LISTEN, fd, backlog);
  }

  static int accept(int fd, int flags) {
    return (int) call(ACCEPT, fd, MemorySegment.NULL, MemorySegment.NULL, flags);
  }

  static int shutdown(int fd, int how) {
    return (int) call(SHUTDOWN, fd, how);
  }

  static long sendmsg(int fd, MemorySegment message, int flags) {
    return call(SENDMSG, fd, message, flags);
  }

  static long recvmsg(int fd, MemorySegment message, int flags) {
    return call(RECVMSG, fd, message, flags);
  }

  static int poll(MemorySegment descriptors, long count, int millis) {
    return (int) call(POLL, descriptors, count, millis);
  }

  /** Writes; -1 if it cannot, for whatever reason. Allocates nothing. */
  static long write(int fd, MemorySegment bytes, long count) {
    try {
      return (long) Transfer.WRITE.invokeExact(fd, bytes, count);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Reads; -1 if it cannot, for whatever reason. Allocates nothing. */
  static long read(int fd, MemorySegment bytes, long count) {
    try {
      return (long) Transfer.READ.invokeExact(fd, bytes, count);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Whether so many bytes at two places are the same. Allocates nothing. */
  static boolean same(MemorySegment a, MemorySegment b, long count) {
    try {
      return (int) Transfer.MEMCMP.invokeExact(a, b, count) == 0;
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
      MemorySegment text = (MemorySegment) STRERROR.handle().invokeExact(error);
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static long call(Function function, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      List<Object> all = new ArrayList<>(List.of(state));
      all.addAll(List.of(arguments));
      long result = ((Number) function.handle().invokeWithArguments(all)).longValue();
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

  /**
   * A function of the C library. It is linked when it is called first: that takes milliseconds, and
   * a machine that starts needs two of them.
   */
  private static final class Function {
    private final String name;
    private final FunctionDescriptor type;
    private final Linker.Option[] options;
    private volatile MethodHandle linked;

    private Function(String name, FunctionDescriptor type, Linker.Option... options) {
      this.name = name;
      this.type = type;
      this.options = options;
    }

    /** One whose error number is wanted. */
    static Function of(String name, MemoryLayout result, MemoryLayout... arguments) {
      FunctionDescriptor type = FunctionDescriptor.of(result, arguments);
      return new Function(name, type, Linker.Option.captureCallState("errno"));
    }

    static Function plain(String name, MemoryLayout result, MemoryLayout... arguments) {
      return new Function(name, FunctionDescriptor.of(result, arguments));
    }

    MethodHandle handle() {
      MethodHandle known = linked;
      if (known == null) {
        linked = known = link();
      }
      return known;
    }

    private MethodHandle link() {
      if (!SUPPORTED) {
        throw new UnsupportedOperationException("this needs Linux; use another back end");
      }
      return LINKER.downcallHandle(LIBRARY.findOrThrow(name), type, options);
    }
  }

  /** Called often: constants, so that a call is no more than that. */
  private static final class Transfer {
    static final MethodHandle WRITE = Function.plain("write", LONG, INT, POINTER, LONG).handle();
    static final MethodHandle MEMCMP =
        Function.plain("memcmp", INT, POINTER, POINTER, LONG).handle();
    static final MethodHandle READ = Function.plain("read", LONG, INT, POINTER, LONG).handle();
  }
}
