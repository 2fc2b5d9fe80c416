package handover.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A Unix stream socket that carries file descriptors beside its bytes, which the JDK's cannot.
 *
 * <p>One thread sends or receives at a time; {@link #shutDown} may be called by any, and wakes it.
 */
public final class UnixSocket implements AutoCloseable {
  /** Most descriptors that come with one read. */
  public static final int MAX_DESCRIPTORS = 16;

  private static final int AF_UNIX = 1;
  private static final int STREAM_CLOEXEC = 1 | 0x80000;
  private static final int CLOEXEC = 0x80000;
  private static final int READ_AND_WRITE = 2;
  private static final int MAX_PATH = 107;
  private static final int NO_SIGNAL = 0x4000;
  private static final int RECEIVE_CLOEXEC = 0x40000000;

  private final int fd;
  private final DescriptorPoll poll = new DescriptorPoll(1);

  private UnixSocket(int fd) {
    this.fd = fd;
  }

  /** Connects. */
  public static UnixSocket connect(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = address(arena, path);
      UnixSocket socket = open();
      int result = Libc.connect(socket.fd, address);
      if (result < 0) {
        socket.close();
        throw new IOException(Libc.reason(-result));
      }
      return socket;
    }
  }

  /** Listens; a socket file that nobody listens on any more is replaced. */
  public static UnixSocket listen(Path path) throws IOException {
    removeStale(path);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = address(arena, path);
      UnixSocket socket = open();
      int result = Libc.bind(socket.fd, address);
      result = result < 0 ? result : Libc.listen(socket.fd, 1);
      if (result < 0) {
        socket.close();
        throw new IOException(Libc.reason(-result));
      }
      return socket;
    }
  }

  /**
   * The next connection to a listening socket.
   *
   * @param millis longest wait, or -1 for any
   * @throws SocketTimeoutException if nobody came
   */
  public UnixSocket accept(int millis) throws IOException {
    awaitReadable(millis);
    return new UnixSocket((int) Libc.require("accept", Libc.accept(fd, CLOEXEC)));
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  /** Sends all bytes, and the descriptors with the first of them. */
  public void send(byte[] bytes, int... descriptors) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      long done = transmit(new SocketMessage(arena, data, descriptors));
      while (done < bytes.length) {
        done += transmit(new SocketMessage(arena, data.asSlice(done)));
      }
    }
  }

  private long transmit(SocketMessage message) throws IOException {
    long sent;
    do {
      sent = Libc.sendmsg(fd, message.header(), NO_SIGNAL);
    } while (sent == -Libc.EINTR);
    return Libc.require("send", sent);
  }

  /**
   * Receives some bytes, at least one.
   *
   * @param descriptors gets what came with them; they are the caller's to close
   * @param millis longest wait, or -1 for any
   * @return how many, or -1 at the end
   * @throws SocketTimeoutException if nothing came
   */
  public int receive(byte[] into, int offset, int length, List<Integer> descriptors, int millis)
      throws IOException {
    awaitReadable(millis);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(length);
      SocketMessage message = SocketMessage.toReceive(arena, data);
      long received = Libc.recvmsg(fd, message.header(), RECEIVE_CLOEXEC);
      if (received == 0) {
        return -1;
      }
      Libc.require("receive", received);
      descriptors.addAll(message.descriptors());
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, into, offset, (int) received);
      return (int) received;
    }
  }

  /** Ends the conversation in both directions; both sides see its end. */
  public void shutDown() {
    Libc.shutdown(fd, READ_AND_WRITE);
  }

  /** Frees the descriptor; nobody may be using the socket any more. */
  @Override
  public void close() {
    Libc.close(fd);
  }

  /** Closes a descriptor that came with a message. */
  public static void closeDescriptor(int descriptor) {
    Libc.close(descriptor);
  }

  private void awaitReadable(int millis) throws IOException {
    long deadline = System.nanoTime() + millis * 1_000_000L;
    int left = millis;
    poll.clear();
    poll.readable(fd);
    while (!poll.await(left)) {
      left = millis < 0 ? -1 : (int) ((deadline - System.nanoTime()) / 1_000_000);
      if (millis >= 0 && left <= 0) {
        throw new SocketTimeoutException("nothing came within %d ms".formatted(millis));
      }
    }
  }

  private static UnixSocket open() throws IOException {
    return new UnixSocket((int) Libc.require("socket", Libc.socket(AF_UNIX, STREAM_CLOEXEC)));
  }

  /** A {@code sockaddr_un}: the family, and the path with a zero at its end. */
  private static MemorySegment address(Arena arena, Path path) throws IOException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length == 0 || name.length > MAX_PATH) {
      throw new IOException(
          "a socket's path has 1 to %d bytes, this one has %d".formatted(MAX_PATH, name.length));
    }
    MemorySegment address = arena.allocate(Short.BYTES + name.length + 1L, Short.BYTES);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, Short.BYTES, name.length);
    return address;
  }

  private static void removeStale(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    boolean listening = true;
    try (UnixSocket probe = connect(path)) {
      probe.shutDown();
    } catch (IOException nobody) {
      listening = false;
    }
    if (listening) {
      throw new IOException("another process listens there");
    }
    Files.delete(path);
  }
}
