package handover.devices.net;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An Ethernet switch between stream netdevs, QEMU's and ours: what {@code handover hub} runs.
 *
 * <p>Every connection to one of its listeners becomes a port. An address is learned from the source
 * of any frame, and moves at once when it is seen on another port; that is how a migrated guest's
 * announcement (RARP) redirects its traffic. Unknown, broadcast and multicast destinations go to
 * every other port. A port whose peer reads too slowly loses frames and never delays the others.
 *
 * <p>One thread does everything; the other methods may be called from any thread.
 */
public final class LearningSwitch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LearningSwitch.class.getName());

  /** A port as seen from outside. */
  public record PortView(int number, String listener, FrameCounts counts) {}

  private final Selector selector;
  private final Thread thread;
  private final MacTable<Port> addresses = new MacTable<>();
  private final List<Port> ports = new CopyOnWriteArrayList<>();
  private final List<ServerSocketChannel> listeners = new CopyOnWriteArrayList<>();
  private final AtomicInteger portsEver = new AtomicInteger();
  private final AtomicLong moves = new AtomicLong();
  private volatile boolean closed;

  /** A switch without ports, running at once. */
  public LearningSwitch() throws IOException {
    selector = Selector.open();
    thread = Thread.ofPlatform().daemon().name("switch").start(this::run);
  }

  /**
   * Opens a listener.
   *
   * @param address a Unix path or a TCP address; TCP port 0 lets the system choose
   * @return the address bound
   */
  public SocketAddress listen(SocketAddress address) throws IOException {
    ServerSocketChannel server = StreamSocket.listen(address);
    listeners.add(server);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    selector.wakeup();
    return server.getLocalAddress();
  }

  /** The ports connected now. */
  public List<PortView> ports() {
    return ports.stream().map(Port::view).toList();
  }

  /** How often a known address has changed its port. */
  public long moves() {
    return moves.get();
  }

  /** Disconnects everybody and stops listening. */
  @Override
  public void close() {
    closed = true;
    try {
      for (ServerSocketChannel listener : listeners) {
        StreamSocket.close(listener);
      }
      selector.wakeup();
      thread.join(TimeUnit.SECONDS.toMillis(5));
      selector.close();
    } catch (IOException e) {
      LOG.log(DEBUG, "switch: closing: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(this::ready);
        ports.stream().filter(port -> !port.connection.open()).toList().forEach(this::remove);
      }
    } catch (IOException | ClosedSelectorException e) {
      LOG.log(WARNING, "switch: stopped: {0}", e.getMessage());
    } finally {
      ports.forEach(port -> port.connection.close());
    }
  }

  private void ready(SelectionKey key) {
    try {
      if (key.channel() instanceof ServerSocketChannel server) {
        accept(server);
      } else if (key.attachment() instanceof Port port) {
        port.ready(key);
      }
    } catch (CancelledKeyException e) {
      LOG.log(DEBUG, "switch: a channel was closed while it was ready");
    }
  }

  private void accept(ServerSocketChannel server) {
    try {
      SocketChannel channel = server.accept();
      if (channel != null) {
        Port port = new Port(StreamSocket.text(server.getLocalAddress()), channel);
        ports.add(port);
        LOG.log(INFO, "switch: port {0} connected on {1}", port.number, port.listener);
      }
    } catch (IOException e) {
      LOG.log(DEBUG, "switch: accepting failed: {0}", e.getMessage());
    }
  }

  private void remove(Port port) {
    ports.remove(port);
    addresses.forget(port);
    LOG.log(INFO, "switch: port {0} is gone", port.number);
  }

  private void learn(long source, Port port) {
    Port before = addresses.learn(source, port);
    if (before != null && before != port) {
      moves.incrementAndGet();
      LOG.log(
          DEBUG,
          "switch: {0} moves from port {1} to {2}",
          Long.toHexString(source),
          before.number,
          port.number);
    }
  }

  private static boolean group(long address) {
    return (address >>> 40 & 1) != 0;
  }

  /** One connected peer. */
  private final class Port implements Netdev.FrameSink {
    private final int number = portsEver.incrementAndGet();
    private final String listener;
    private final FrameConnection connection;
    private final FrameCounters counters = new FrameCounters();
    private final CountingSink counting = new CountingSink(this, counters);
    private boolean touched;

    Port(String listener, SocketChannel channel) throws IOException {
      this.listener = listener;
      this.connection = new FrameConnection(channel, selector, this);
    }

    void ready(SelectionKey key) {
      try {
        if (key.isWritable()) {
          connection.flush();
        }
        if (key.isReadable() && !connection.receive(counting)) {
          connection.close();
        }
      } catch (ProtocolException e) {
        LOG.log(WARNING, "switch: closing port {0}: {1}", number, e.getMessage());
        connection.close();
      } catch (IOException e) {
        LOG.log(DEBUG, "switch: port {0}: {1}", number, e.getMessage());
        connection.close();
      }
    }

    @Override
    public boolean deliver(byte[] frame, int offset, int length) {
      long source = MacTable.address(frame, offset + 6);
      if (!group(source)) {
        learn(source, this);
      }
      long destination = MacTable.address(frame, offset);
      Port known = group(destination) ? null : addresses.find(destination);
      if (known == null) {
        flood(frame, offset, length);
      } else if (known != this) {
        known.send(frame, offset, length);
      }
      return true;
    }

    @Override
    public void endOfBatch() {
      for (Port port : ports) {
        if (port.touched) {
          port.touched = false;
          port.connection.flush();
        }
      }
    }

    private void flood(byte[] frame, int offset, int length) {
      for (Port port : ports) {
        if (port != this) {
          port.send(frame, offset, length);
        }
      }
    }

    private void send(byte[] frame, int offset, int length) {
      touched |= counters.sent(connection.send(frame, offset, length), length);
    }

    PortView view() {
      return new PortView(number, listener, counters.counts());
    }
  }
}
