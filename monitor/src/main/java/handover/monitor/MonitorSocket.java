package handover.monitor;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * A socket at which a monitor is offered, each client on a virtual thread of its own. Whoever can
 * connect controls the machine, so a unix socket is open to its owner only.
 */
public final class MonitorSocket implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(MonitorSocket.class.getName());

  private final ServerSocketChannel listening;
  private final SocketAddress address;
  private final Consumer<ByteChannel> serve;
  private final CountDownLatch firstClient = new CountDownLatch(1);
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

  private MonitorSocket(ServerSocketChannel listening, Consumer<ByteChannel> serve)
      throws IOException {
    this.listening = listening;
    this.address = listening.getLocalAddress();
    this.serve = serve;
  }

  /**
   * Listens.
   *
   * @param serve talks to one client until it leaves
   * @throws IOException if the address is taken or cannot be had
   */
  public static MonitorSocket listen(SocketAddress address, Consumer<ByteChannel> serve)
      throws IOException {
    ServerSocketChannel listening = open(address);
    try {
      bind(listening, address);
      MonitorSocket socket = new MonitorSocket(listening, serve);
      Thread.ofVirtual().name("monitor-accept").start(socket::acceptAll);
      return socket;
    } catch (IOException | RuntimeException e) {
      listening.close();
      throw e;
    }
  }

  /**
   * Connects, and serves the peer on a virtual thread.
   *
   * @throws IOException if nobody listens there
   */
  public static AutoCloseable connect(SocketAddress address, Consumer<ByteChannel> serve)
      throws IOException {
    SocketChannel peer = SocketChannel.open(address);
    Thread.ofVirtual().name("monitor-peer").start(() -> serve.accept(peer));
    return peer;
  }

  private static ServerSocketChannel open(SocketAddress address) throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        : ServerSocketChannel.open();
  }

  private static void bind(ServerSocketChannel listening, SocketAddress address)
      throws IOException {
    if (address instanceof UnixDomainSocketAddress unix) {
      removeStale(unix);
      listening.bind(address);
      Files.setPosixFilePermissions(unix.getPath(), PosixFilePermissions.fromString("rw-------"));
    } else {
      listening.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listening.bind(address);
    }
  }

  /** A killed process leaves its socket file behind; one that still answers is in use. */
  private static void removeStale(UnixDomainSocketAddress address) throws IOException {
    Path path = address.getPath();
    if (!Files.exists(path)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
      throw new IOException(path + " exists and is no socket; choose another path or remove it");
    }
    try {
      SocketChannel.open(address).close();
    } catch (ConnectException e) {
      Files.delete(path);
      return;
    }
    throw new IOException(path + " is in use by another process");
  }

  /** Where it listens, with the port the system chose. */
  public SocketAddress address() {
    return address;
  }

  /** Waits until a client has come, or this is closed. */
  public void awaitClient() throws InterruptedException {
    firstClient.await();
  }

  private void acceptAll() {
    try {
      while (true) {
        SocketChannel client = listening.accept();
        firstClient.countDown();
        Thread.ofVirtual().name("monitor-client").start(() -> serveOne(client));
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} closed: {1}", address, e.getMessage());
    }
  }

  private void serveOne(SocketChannel client) {
    clients.add(client);
    try (client) {
      serve.accept(client);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "client of {0}: {1}", address, e.getMessage());
    } finally {
      clients.remove(client);
    }
  }

  /** Listens no longer, leaves the clients, and removes a unix socket's file. */
  @Override
  public void close() {
    firstClient.countDown();
    try {
      listening.close();
      for (SocketChannel client : clients) {
        client.close();
      }
      if (address instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing " + address, e);
    }
  }
}
