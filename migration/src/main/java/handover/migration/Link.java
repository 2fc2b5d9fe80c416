package handover.migration;

import handover.vmstate.StreamException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.SocketChannel;
import java.util.function.LongSupplier;
import jdk.net.ExtendedSocketOptions;

/**
 * One connection to the other side, or a file in place of it, closed from outside when the peer is
 * silent for too long.
 *
 * <p>Blocking channels have no time limit of their own, so each read and write leaves a note of
 * when it began, and a watch closes the channel under one that lasts. Reading and writing are each
 * one thread's business; {@link #close} is anybody's.
 */
final class Link implements AutoCloseable {
  private static final int BUFFER = 256 << 10;

  /**
   * Bytes on their way within one host, in either direction's buffer: as few as they are, they stay
   * in the processors' caches, and there is no distance that more of them would bridge.
   */
  private static final int NEAR_BUFFER = 256 << 10;

  private static final long DRAIN_NANOS = 2_000_000_000L;

  private final ByteChannel channel;
  private final LongSupplier silenceLimitNanos;
  private final StreamInput in;
  private final StreamOutput out;
  private volatile long readSince;
  private volatile long writeSince;
  private volatile boolean watchReads;
  private volatile boolean silent;
  private volatile boolean broken;

  /**
   * Takes over a connected channel.
   *
   * @param watchReads whether waiting for the peer to speak is limited, too
   */
  Link(ByteChannel channel, LongSupplier silenceLimitNanos, boolean watchReads) {
    this.channel = channel;
    this.silenceLimitNanos = silenceLimitNanos;
    this.watchReads = watchReads;
    this.in = new StreamInput(new Incoming(), BUFFER);
    this.out = new StreamOutput(new Outgoing(), BUFFER);
    Thread.ofVirtual().name("migration-watch").start(this::watch);
  }

  /** A channel of the right kind for {@code address}, not yet connected. */
  static SocketChannel open(SocketAddress address) throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? SocketChannel.open(StandardProtocolFamily.UNIX)
        : SocketChannel.open();
  }

  /** Connects within a time limit; the caller may close the channel meanwhile. */
  static void connect(SocketChannel channel, SocketAddress address, long timeoutMillis)
      throws IOException {
    if (address instanceof InetSocketAddress) {
      channel.socket().connect(address, Math.clamp(timeoutMillis, 1, Integer.MAX_VALUE));
    } else {
      channel.connect(address);
    }
    tune(channel);
  }

  /** Small messages are wanted at once, and a dead host noticed some day. */
  static void tune(SocketChannel channel) throws IOException {
    if (channel.getRemoteAddress() instanceof InetSocketAddress peer
        && peer.getAddress().isLoopbackAddress()) {
      channel.setOption(StandardSocketOptions.SO_SNDBUF, NEAR_BUFFER);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, NEAR_BUFFER);
    }
    if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }
  }

  /**
   * Has TCP acknowledge what arrives as soon as it is read, until something is sent again: a peer
   * that gathers small answers (Nagle's algorithm) holds the next back until then, for 40 ms.
   */
  void acknowledgeAtOnce() {
    if (channel instanceof SocketChannel socket
        && socket.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK)) {
      try {
        socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
      } catch (IOException e) {
        // The connection is gone, which whoever reads from it finds out.
      }
    }
  }

  /** Whether there is no other side, but a file. */
  boolean file() {
    return channel instanceof FileChannel;
  }

  StreamInput in() {
    return in;
  }

  StreamOutput out() {
    return out;
  }

  /** Whether the connection has ended or failed, in either direction. */
  boolean broken() {
    return broken;
  }

  /** Nothing more will be written; what was, still arrives. */
  void endOutput() {
    try {
      switch (channel) {
        case SocketChannel socket -> socket.shutdownOutput();
        case FileChannel file -> save(file);
        default -> {}
      }
    } catch (IOException e) {
      close();
    }
  }

  private static void save(FileChannel file) {
    try {
      file.force(false);
    } catch (IOException e) {
      throw new StreamException("the stream did not get to the disk: " + e.getMessage(), e);
    }
  }

  /**
   * Reads and forgets until the peer closes, for a limited time: closing with bytes unread would
   * make the kernel throw away the last message on its way to the peer.
   */
  void drainAndClose() {
    endOutput();
    if (file()) {
      close();
      return;
    }
    ByteBuffer waste = ByteBuffer.allocate(64 << 10);
    long deadline = System.nanoTime() + DRAIN_NANOS;
    Thread.ofVirtual().start(() -> closeAt(deadline));
    try {
      while (channel.read(waste.clear()) >= 0 && System.nanoTime() - deadline < 0) {
        // Forgotten.
      }
    } catch (IOException e) {
      // The peer is gone, which is what was waited for.
    }
    close();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StreamException("closing the migration connection failed: " + e.getMessage(), e);
    }
  }

  /** What is read, for no longer than the peer may be silent. */
  private final class Incoming implements StreamInput.Origin {
    @Override
    public int read(ByteBuffer into) throws IOException {
      readSince = System.nanoTime() | 1;
      try {
        return (int) noted(channel.read(into));
      } catch (IOException e) {
        throw explain(e);
      } finally {
        readSince = 0;
      }
    }

    @Override
    public long read(ByteBuffer[] two) throws IOException {
      if (!(channel instanceof ScatteringByteChannel both)) {
        return StreamInput.Origin.super.read(two);
      }
      readSince = System.nanoTime() | 1;
      try {
        return noted(both.read(two));
      } catch (IOException e) {
        throw explain(e);
      } finally {
        readSince = 0;
      }
    }

    private long noted(long count) {
      broken |= count < 0;
      return count;
    }
  }

  /** What is written, for no longer than the peer may take to make room for it. */
  private final class Outgoing implements StreamOutput.Target {
    @Override
    public int write(ByteBuffer from) throws IOException {
      writeSince = System.nanoTime() | 1;
      try {
        return channel.write(from);
      } catch (IOException e) {
        throw explain(e);
      } finally {
        writeSince = 0;
      }
    }

    @Override
    public long write(ByteBuffer[] two) throws IOException {
      if (!(channel instanceof GatheringByteChannel both)) {
        return StreamOutput.Target.super.write(two);
      }
      writeSince = System.nanoTime() | 1;
      try {
        return both.write(two);
      } catch (IOException e) {
        throw explain(e);
      } finally {
        writeSince = 0;
      }
    }
  }

  private IOException explain(IOException e) {
    broken = true;
    if (silent) {
      return new IOException(
          "the peer was silent for %d ms (parameter %s)"
              .formatted(
                  silenceLimitNanos.getAsLong() / 1_000_000,
                  Parameter.X_CHANNEL_TIMEOUT.wireName()),
          e);
    }
    return channel.isOpen() ? e : new IOException("the connection was closed here", e);
  }

  private void closeAt(long deadline) {
    try {
      while (channel.isOpen() && System.nanoTime() - deadline < 0) {
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  private void watch() {
    try {
      while (channel.isOpen()) {
        long limit = silenceLimitNanos.getAsLong();
        Thread.sleep(Math.clamp(limit / 8_000_000, 5, 250));
        if (tooLong(writeSince, limit) || watchReads && tooLong(readSince, limit)) {
          silent = true;
          close();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean tooLong(long since, long limit) {
    return since != 0 && System.nanoTime() - since > limit;
  }
}
