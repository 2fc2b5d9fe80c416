package handover.devices.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One peer on a stream socket. Its owner's selector loop reads; any thread sends.
 *
 * <p>Sending never blocks: frames gather in a bounded buffer that {@link #flush} writes to the
 * socket as far as it takes them, and the selector loop writes the rest. When the buffer is full
 * the frame is dropped, as a full network card's queue would.
 */
final class FrameConnection implements AutoCloseable {
  private static final int OUTGOING_BYTES = 512 << 10;

  private final SocketChannel channel;
  private final SelectionKey key;
  private final FrameDecoder decoder = new FrameDecoder();
  private final ReentrantLock sending = new ReentrantLock();
  private final ByteBuffer outgoing = ByteBuffer.allocateDirect(OUTGOING_BYTES);

  FrameConnection(SocketChannel channel, Selector selector, Object attachment) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    if (channel.getRemoteAddress() instanceof InetSocketAddress) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    key = channel.register(selector, SelectionKey.OP_READ, attachment);
  }

  /** Queues a frame; false if the peer is too slow or gone. */
  boolean send(byte[] frame, int offset, int length) {
    sending.lock();
    try {
      int needed = FrameDecoder.HEADER + length;
      if (length > FrameDecoder.MAX_FRAME
          || outgoing.remaining() < needed && (!write() || outgoing.remaining() < needed)) {
        return false;
      }
      outgoing.putInt(length).put(frame, offset, length);
      return true;
    } finally {
      sending.unlock();
    }
  }

  /** Writes what is queued as far as the socket takes it; the selector loop does the rest. */
  void flush() {
    sending.lock();
    try {
      if (outgoing.position() > 0 && write()) {
        wantWritable(outgoing.position() > 0);
      }
    } finally {
      sending.unlock();
    }
  }

  /** Waits until the kernel has all that was queued, the peer is gone, or the time is over. */
  void awaitSent(long nanos) {
    long deadline = System.nanoTime() + nanos;
    while (open() && waiting() && System.nanoTime() - deadline < 0) {
      flush();
      LockSupport.parkNanos(this, 50_000);
    }
  }

  private boolean waiting() {
    sending.lock();
    try {
      return outgoing.position() > 0;
    } finally {
      sending.unlock();
    }
  }

  /**
   * Reads what has arrived and delivers whole frames; called by the loop when readable.
   *
   * @return false at the end of the stream
   * @throws IOException if the connection or its framing broke
   */
  boolean receive(Netdev.FrameSink sink) throws IOException {
    int count = channel.read(decoder.buffer());
    decoder.drain(sink);
    sink.endOfBatch();
    return count >= 0;
  }

  boolean open() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closed is what it was to become; there is no data left that anybody waits for.
    }
    key.selector().wakeup();
  }

  private boolean write() {
    try {
      outgoing.flip();
      channel.write(outgoing);
      return true;
    } catch (IOException e) {
      close();
      return false;
    } finally {
      outgoing.compact();
    }
  }

  private void wantWritable(boolean wanted) {
    int ops = wanted ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
    try {
      if (key.interestOps() != ops) {
        key.interestOps(ops);
        key.selector().wakeup();
      }
    } catch (CancelledKeyException e) {
      close(); // The loop gave the connection up meanwhile; nobody will write the rest.
    }
  }
}
