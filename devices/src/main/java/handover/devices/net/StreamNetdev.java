package handover.devices.net;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A point-to-point wire over a stream socket, in QEMU's framing ({@code -netdev stream}).
 *
 * <p>One thread connects or accepts, reads, and reconnects. A server serves one peer at a time and
 * then waits for the next; a client whose peer has gone connects again after the reconnect delay,
 * if it has one. Without a peer, frames are dropped and counted.
 */
final class StreamNetdev implements Netdev {
  private static final System.Logger LOG = System.getLogger(StreamNetdev.class.getName());

  /** Gives the next peer; waits until there is one. */
  private interface Peers extends AutoCloseable {
    SocketChannel next() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
  }

  private final String id;
  private final String address;
  private final Peers peers;
  private final Selector selector;
  private final FrameCounters counters = new FrameCounters();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile FrameConnection connection;
  private volatile FrameSink device = (frame, offset, length) -> false;

  /** Listens, and serves one peer after the other. */
  static StreamNetdev server(String id, SocketAddress address) throws IOException {
    ServerSocketChannel server = StreamSocket.listen(address);
    return new StreamNetdev(
        id,
        StreamSocket.text(server.getLocalAddress()),
        netdev ->
            new Peers() {
              @Override
              public SocketChannel next() throws IOException {
                return server.accept();
              }

              @Override
              public void close() throws IOException {
                StreamSocket.close(server);
              }
            });
  }

  /**
   * Connects, at once if there is no reconnect delay.
   *
   * @param reconnectMillis delay between attempts; 0 for one connection only
   */
  static StreamNetdev client(String id, SocketAddress address, int reconnectMillis)
      throws IOException {
    SocketChannel first = reconnectMillis == 0 ? StreamSocket.connect(address) : null;
    return new StreamNetdev(
        id,
        StreamSocket.text(address),
        netdev -> new Client(netdev, address, reconnectMillis, first));
  }

  private StreamNetdev(
      String id, String address, java.util.function.Function<StreamNetdev, Peers> peers)
      throws IOException {
    this.id = id;
    this.address = address;
    this.peers = peers.apply(this);
    this.selector = Selector.open();
    this.thread = Thread.ofPlatform().daemon().name("netdev " + id).start(this::run);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String kind() {
    return "stream";
  }

  @Override
  public void attach(FrameSink sink) {
    device = sink;
  }

  @Override
  public boolean send(byte[] frame, int offset, int length) {
    FrameConnection peer = connection;
    return counters.sent(peer != null && peer.send(frame, offset, length), length);
  }

  @Override
  public void flush() {
    FrameConnection peer = connection;
    if (peer != null) {
      peer.flush();
    }
  }

  @Override
  public void awaitSent(long nanos) {
    FrameConnection peer = connection;
    if (peer != null) {
      peer.awaitSent(nanos);
    }
  }

  @Override
  public FrameCounts counts() {
    return counters.counts();
  }

  @Override
  public String describe() {
    return "%s: type=stream,%s,%s"
        .formatted(id, address, connection == null ? "no peer" : "connected");
  }

  @Override
  public void close() {
    closed.countDown();
    FrameConnection peer = connection;
    if (peer != null) {
      peer.close();
    }
    try {
      peers.close();
      selector.close();
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (IOException e) {
      LOG.log(DEBUG, "netdev {0}: closing: {1}", id, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void run() {
    try {
      while (!isClosed()) {
        SocketChannel channel = peers.next();
        if (channel == null) {
          return;
        }
        serve(channel);
      }
    } catch (ClosedChannelException | ClosedSelectorException e) {
      LOG.log(DEBUG, "netdev {0} closed", id);
    } catch (IOException e) {
      LOG.log(WARNING, "netdev {0}: {1} is of no more use: {2}", id, address, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel channel) throws IOException {
    try (FrameConnection peer = new FrameConnection(channel, selector, null)) {
      connection = peer;
      LOG.log(DEBUG, "netdev {0}: connected, {1}", id, address);
      FrameSink counting = new CountingSink(device(), counters);
      while (peer.open() && !isClosed()) {
        selector.select(key -> ready(key, peer, counting));
      }
    } finally {
      connection = null;
      LOG.log(isClosed() ? DEBUG : INFO, "netdev {0}: {1} has no peer now", id, address);
    }
  }

  /** The sink of the moment, looked up per frame: a device may be attached late. */
  private FrameSink device() {
    return new FrameSink() {
      @Override
      public boolean deliver(byte[] frame, int offset, int length) {
        return device.deliver(frame, offset, length);
      }

      @Override
      public void endOfBatch() {
        device.endOfBatch();
      }
    };
  }

  private void ready(SelectionKey key, FrameConnection peer, FrameSink sink) {
    try {
      if (key.isWritable()) {
        peer.flush();
      }
      if (key.isReadable() && !peer.receive(sink)) {
        peer.close();
      }
    } catch (ProtocolException e) {
      LOG.log(WARNING, "netdev {0}: closing the connection: {1}", id, e.getMessage());
      peer.close();
    } catch (IOException | java.nio.channels.CancelledKeyException e) {
      LOG.log(DEBUG, "netdev {0}: connection lost: {1}", id, e.getMessage());
      peer.close();
    }
  }

  private static final class Client implements Peers {
    private final StreamNetdev netdev;
    private final SocketAddress address;
    private final int reconnectMillis;
    private SocketChannel first;
    private boolean connectedBefore;

    Client(StreamNetdev netdev, SocketAddress address, int reconnectMillis, SocketChannel first) {
      this.netdev = netdev;
      this.address = address;
      this.reconnectMillis = reconnectMillis;
      this.first = first;
    }

    @Override
    public SocketChannel next() throws InterruptedException {
      if (first != null) {
        SocketChannel channel = first;
        first = null;
        return channel;
      }
      if (reconnectMillis == 0) {
        return null;
      }
      if (connectedBefore && pause()) {
        return null;
      }
      connectedBefore = true;
      return reconnect();
    }

    private SocketChannel reconnect() throws InterruptedException {
      while (true) {
        try {
          return StreamSocket.connect(address);
        } catch (IOException e) {
          LOG.log(DEBUG, "netdev {0}: {1}: {2}", netdev.id, netdev.address, e.getMessage());
        }
        if (pause()) {
          return null;
        }
      }
    }

    /** Waits for the delay; true if the netdev was closed meanwhile. */
    private boolean pause() throws InterruptedException {
      return netdev.closed.await(reconnectMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws IOException {
      SocketChannel unused = first;
      if (unused != null) {
        unused.close();
      }
    }
  }
}
