package handover.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An event that another process can raise or wait for: Linux's {@code eventfd(2)}. Raising it again
 * before it was taken is one event.
 */
public final class EventFd implements AutoCloseable {
  private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
  private static final MemorySegment ONE = constant();
  private static final ThreadLocal<MemorySegment> COUNT =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(ValueLayout.JAVA_LONG));

  private final int fd;

  private EventFd(int fd) {
    this.fd = fd;
  }

  /** An event that was not raised. */
  public static EventFd create() throws IOException {
    return new EventFd((int) Libc.require("eventfd", Libc.eventfd(CLOEXEC_NONBLOCK)));
  }

  /** Takes over a descriptor that another process sent. */
  public static EventFd of(int fd) {
    return new EventFd(fd);
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  /** Raises it. Any thread; never waits. */
  public void raise() {
    long written = Libc.write(fd, ONE, Long.BYTES);
    // It can only have failed because it is raised already, 2^64 times.
    assert written != 0;
  }

  /** Takes the event; false if it was not raised. Never waits. */
  public boolean take() {
    return Libc.read(fd, COUNT.get(), Long.BYTES) == Long.BYTES;
  }

  @Override
  public void close() {
    Libc.close(fd);
  }

  private static MemorySegment constant() {
    MemorySegment one = Arena.global().allocate(ValueLayout.JAVA_LONG);
    one.set(ValueLayout.JAVA_LONG, 0, 1);
    return one.asReadOnly();
  }
}
