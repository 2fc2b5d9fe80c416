package handover.devices.vhost;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import handover.devices.net.FrameCounts;
import handover.devices.net.Netdev;
import handover.devices.virtio.backend.BackEndStep;
import handover.devices.virtio.backend.DataPlane;
import handover.devices.virtio.backend.QueuePosition;
import handover.devices.virtio.backend.RingBackEnd;
import handover.memory.DescriptorPoll;
import handover.memory.EventFd;
import handover.memory.GuestMemory;
import handover.memory.UnixSocket;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A network device's rings worked by another process, by the vhost-user protocol; this is its front
 * end.
 *
 * <p>One thread passes interrupts on, notices that the back end is gone, and waits for another. The
 * data plane's thread talks to the back end; the migration's switches its log.
 */
public final class VhostUserNetdev implements Netdev, RingBackEnd {
  /** Most queue pairs: the protocol numbers rings with eight bits. */
  public static final int MAX_PAIRS = VhostConnection.MAX_RINGS / 2;

  private static final System.Logger LOG = System.getLogger(VhostUserNetdev.class.getName());
  private static final int FIRST_MILLIS = 30_000;
  private static final int REPLY_MILLIS = 10_000;

  /** A connection, and the socket it is on, which the watching thread closes. */
  private record Peer(UnixSocket socket, VhostConnection connection) {}

  private final String id;
  private final int queuePairs;
  private final VhostPeers peers;
  private final long features;
  private final DataPlane dataPlane;
  private final EventFd wake;
  private Optional<Peer> peer;
  private volatile VhostBackEnd backEnd;
  private volatile VhostEvents events;
  private Front front;
  private Thread thread;
  private volatile boolean closed;

  private VhostUserNetdev(String id, int queuePairs, VhostPeers peers, Peer peer)
      throws IOException {
    this.id = id;
    this.queuePairs = queuePairs;
    this.peers = peers;
    this.peer = Optional.of(peer);
    this.features = peer.connection().features();
    this.dataPlane = new DataPlane("netdev " + id, this::perform, System::nanoTime);
    this.wake = EventFd.create();
  }

  /**
   * Connects to a back end, or waits half a minute for one to connect.
   *
   * @param queuePairs queue pairs it must be able to work, at most 128
   * @throws IOException if there is none, or not one we can work with
   */
  public static VhostUserNetdev open(String id, VhostSocket socket, int queuePairs)
      throws IOException {
    VhostPeers peers = VhostPeers.open(socket);
    try {
      UnixSocket first = peers.first(FIRST_MILLIS);
      try {
        return new VhostUserNetdev(id, queuePairs, peers, shakeHands(first, queuePairs));
      } catch (IOException | RuntimeException e) {
        first.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      peers.close();
      throw e;
    }
  }

  private static Peer shakeHands(UnixSocket socket, int queuePairs) throws IOException {
    VhostChannel channel = new VhostChannel(VhostLink.of(socket), REPLY_MILLIS);
    VhostConnection connection = VhostConnection.open(channel);
    if (connection.queuePairs() < queuePairs) {
      throw new IOException(
          "the back end works %d queue pairs, queues=%d were asked for"
              .formatted(connection.queuePairs(), queuePairs));
    }
    return new Peer(socket, connection);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String kind() {
    return "vhost-user";
  }

  @Override
  public Optional<DataPlane> dataPlane() {
    return Optional.of(dataPlane);
  }

  @Override
  public Optional<RingBackEnd> rings() {
    return Optional.of(this);
  }

  /** No frame ever comes this way. */
  @Override
  public void attach(FrameSink device) {}

  @Override
  public boolean send(byte[] frame, int offset, int length) {
    return false;
  }

  @Override
  public void announce(byte[] mac) {
    backEnd.announce(mac);
  }

  /** The back end counts; we see no frames. */
  @Override
  public FrameCounts counts() {
    return new FrameCounts(0, 0, 0, 0, 0, 0);
  }

  @Override
  public String describe() {
    return "%s: type=vhost-user,path=%s,queues=%d,%s"
        .formatted(
            id,
            peers.path(),
            queuePairs,
            !connected() ? "no back end" : dataPlane.serving() ? "serving" : "not serving");
  }

  // ---- The rings.

  @Override
  public int queuePairs() {
    return queuePairs;
  }

  @Override
  public long features(long offered) {
    return offered & ~VhostFeatures.IMPOSSIBLE & (features | ~VhostFeatures.SHARED);
  }

  @Override
  public void connect(GuestMemory memory, int pairs, Front device) throws IOException {
    front = device;
    events = new VhostEvents(2 * pairs, device::interrupt);
    backEnd = new VhostBackEnd("netdev " + id, memory, pairs, events);
    backEnd.connected(peer.orElseThrow().connection());
    thread = Thread.ofPlatform().daemon().name("netdev " + id).start(this::run);
  }

  @Override
  public boolean connected() {
    VhostBackEnd now = backEnd;
    return now == null || now.isConnected();
  }

  @Override
  public void kick(int queue) {
    VhostEvents now = events;
    if (queue < now.rings()) {
      now.kick(queue);
    }
  }

  @Override
  public Optional<List<QueuePosition>> stoppedAt() {
    return backEnd.takePositions();
  }

  @Override
  public void recordDirtyPages(boolean on) {
    backEnd.recordDirtyPages(on);
  }

  @Override
  public void collectDirtyPages() {
    backEnd.collectDirtyPages();
  }

  private void perform(BackEndStep step) {
    backEnd.perform(step);
  }

  // ---- The thread.

  private void run() {
    try {
      while (!closed && (peer.isPresent() || peers.more())) {
        if (peer.isPresent()) {
          watch(peer.get());
        } else {
          peers.next(wake).ifPresent(this::welcome);
        }
      }
    } catch (IOException e) {
      LOG.log(WARNING, "netdev {0} is of no more use: {1}", id, e.getMessage());
    }
    // Nobody talks to the back end any more once it counts as gone.
    backEnd.disconnected();
    peer.ifPresent(p -> p.socket().close());
    events.close();
  }

  private void watch(Peer now) throws IOException {
    DescriptorPoll poll = new DescriptorPoll(2 + events.rings());
    poll.readable(wake.fd());
    int end = poll.end(now.socket().fd());
    for (int ring = 0; ring < events.rings(); ring++) {
      poll.readable(events.callDescriptor(ring));
    }
    while (!closed && !poll.hasEnded(end)) {
      poll.await(-1);
      for (int ring = 0; ring < events.rings(); ring++) {
        if (poll.isReadable(end + 1 + ring)) {
          events.called(ring);
        }
      }
    }
    if (!closed) {
      lose(now);
    }
  }

  private void lose(Peer gone) {
    peer = Optional.empty();
    gone.socket().shutDown();
    backEnd.disconnected();
    gone.socket().close();
    dataPlane.forget();
    LOG.log(
        WARNING,
        "netdev {0}: the back end at {1} is gone; the link is down {2}",
        id,
        peers.path(),
        peers.more() ? "until it is back" : "for good, as there is no reconnect=");
    front.lost();
  }

  private void welcome(UnixSocket socket) {
    try {
      Peer fresh = shakeHands(socket, queuePairs);
      long missing = features & ~fresh.connection().features();
      if (missing != 0) {
        throw new IOException("it lacks features the first one had: 0x%x".formatted(missing));
      }
      peer = Optional.of(fresh);
      backEnd.connected(fresh.connection());
      LOG.log(INFO, "netdev {0}: there is a back end at {1} again", id, peers.path());
      front.returned();
    } catch (IOException e) {
      socket.close();
      LOG.log(WARNING, "netdev {0}: a back end is not accepted: {1}", id, e.getMessage());
    }
  }

  @Override
  public void close() {
    closed = true;
    dataPlane.close();
    wake.raise();
    peer.ifPresent(p -> p.socket().shutDown());
    try {
      if (thread == null) {
        peer.ifPresent(p -> p.socket().close());
      } else {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.log(DEBUG, "netdev {0}: closed in a hurry", id);
    }
    peers.close();
  }
}
