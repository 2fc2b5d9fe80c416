package handover.devices;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A serial line at a UNIX socket that we listen on, one reader at a time.
 *
 * <p>Output waits in a buffer of 64 KiB: while nobody is connected, or the reader is stuck, the
 * oldest bytes are lost, so a reader that comes late sees the last 64 KiB first. A second client
 * waits until the first has gone.
 */
final class UnixCharacterBackend implements CharacterBackend {
  private static final System.Logger LOG = System.getLogger(UnixCharacterBackend.class.getName());
  private static final int LIMIT = 64 << 10;
  private static final long LAST_WORDS_MILLIS = 500;

  private final Path path;
  private final ServerSocketChannel server;
  private final ByteRing output = new ByteRing(LIMIT);
  private final ByteRing input = new ByteRing(4096);
  private volatile Runnable listener = () -> {};
  private final Thread writer;
  private volatile SocketChannel client;
  private volatile boolean closed;

  private UnixCharacterBackend(Path path, ServerSocketChannel server) {
    this.path = path;
    this.server = server;
    this.writer = Thread.ofPlatform().daemon().name("serial-output").unstarted(this::writeAll);
  }

  /**
   * Listens.
   *
   * @param waitForClient whether to return only when someone has connected
   * @throws IOException if the path cannot be bound; a dead socket left there is replaced
   */
  static UnixCharacterBackend listen(Path path, boolean waitForClient) throws IOException {
    ServerSocketChannel server = bind(path);
    UnixCharacterBackend backend = new UnixCharacterBackend(path, server);
    if (waitForClient) {
      backend.client = server.accept();
    }
    Thread.ofPlatform().daemon().name("serial-socket").start(backend::serve);
    backend.writer.start();
    return backend;
  }

  private static ServerSocketChannel bind(Path path) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
    if (Files.exists(path)) {
      if (answers(address)) {
        throw new IOException("another program listens at " + path);
      }
      Files.delete(path);
    }
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(address, 1);
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /** Whether someone listens. A path that is a plain file is nobody's to delete. */
  private static boolean answers(UnixDomainSocketAddress address) throws IOException {
    if (Files.isRegularFile(address.getPath()) || Files.isDirectory(address.getPath())) {
      throw new IOException(address.getPath() + " exists and is not a socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return probe.connect(address);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String description() {
    return "unix:" + path;
  }

  @Override
  public void onInput(Runnable newListener) {
    listener = newListener;
  }

  @Override
  public int read() {
    return input.poll();
  }

  @Override
  public void write(int value) {
    output.push(value);
  }

  @Override
  public void close() {
    closed = true;
    input.close();
    output.close();
    awaitLastWords();
    closeQuietly(server);
    leave();
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "socket file left behind: " + path, e);
    }
  }

  private void serve() {
    while (!closed) {
      try {
        SocketChannel current = client;
        if (current == null) {
          current = server.accept();
          adopt(current);
        }
        readAll(current);
      } catch (ClosedChannelException e) {
        LOG.log(System.Logger.Level.DEBUG, description() + " closed");
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, description() + ": reader lost", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      leave();
    }
  }

  private synchronized void adopt(SocketChannel arrived) {
    client = arrived;
    if (closed) {
      closeQuietly(arrived);
    }
    notifyAll();
  }

  private synchronized void leave() {
    closeQuietly(client);
    client = null;
    notifyAll();
  }

  private void readAll(SocketChannel from) throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(1024);
    while (from.read(buffer.clear()) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        if (!input.put(buffer.get() & 0xff)) {
          return;
        }
        listener.run();
      }
    }
  }

  private void writeAll() {
    byte[] chunk = new byte[4096];
    try {
      int length = 1;
      while (length > 0) {
        SocketChannel to = awaitClient();
        length = to == null ? 0 : output.take(chunk);
        writeTo(to, ByteBuffer.wrap(chunk, 0, length));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized SocketChannel awaitClient() throws InterruptedException {
    while (client == null && !closed) {
      wait();
    }
    return client;
  }

  private void writeTo(SocketChannel to, ByteBuffer bytes) {
    try {
      while (to != null && bytes.hasRemaining()) {
        to.write(bytes);
      }
    } catch (AsynchronousCloseException e) {
      LOG.log(System.Logger.Level.DEBUG, description() + " closed");
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, description() + ": reader lost", e);
    }
  }

  /** What a machine that ends has said is still written, unless its reader is stuck. */
  private void awaitLastWords() {
    synchronized (this) {
      notifyAll();
    }
    try {
      writer.join(LAST_WORDS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(AutoCloseable channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (Exception e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a serial socket", e);
    }
  }
}
