package handover.migration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Passes one connection on, both ways, and cuts it after so many bytes of one direction, or behind
 * some bytes that come back.
 */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final long forwardLimit;
  private final long backwardLimit;
  private final byte[] backwardMarker;
  private int matched;
  final ByteArrayOutputStream forwarded = new ByteArrayOutputStream();
  volatile boolean finished;

  CuttingProxy(int target, long forwardLimit, long backwardLimit) throws IOException {
    this(target, forwardLimit, backwardLimit, new byte[0]);
  }

  /** Cuts behind {@code backwardMarker}, whose first byte stands nowhere else in it. */
  static CuttingProxy behind(int target, byte[] backwardMarker) throws IOException {
    return new CuttingProxy(target, Long.MAX_VALUE, Long.MAX_VALUE, backwardMarker);
  }

  private CuttingProxy(int target, long forwardLimit, long backwardLimit, byte[] backwardMarker)
      throws IOException {
    this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    this.target = target;
    this.forwardLimit = forwardLimit;
    this.backwardLimit = backwardLimit;
    this.backwardMarker = backwardMarker;
    Thread.ofVirtual().start(this::run);
  }

  String uri() {
    return "tcp:127.0.0.1:" + server.getLocalPort();
  }

  private void run() {
    try (Socket in = server.accept();
        Socket out = new Socket()) {
      out.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      Thread back = Thread.ofVirtual().start(() -> pass(out, in, backwardLimit, false));
      pass(in, out, forwardLimit, true);
      back.join();
      finished = true;
    } catch (IOException | InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pass(Socket from, Socket to, long limit, boolean forward) {
    byte[] buffer = new byte[forward || backwardMarker.length == 0 ? 4096 : 1];
    long left = limit;
    try {
      int got = 0;
      while (left > 0 && got >= 0) {
        got = from.getInputStream().read(buffer, 0, (int) Math.min(left, buffer.length));
        if (got > 0) {
          to.getOutputStream().write(buffer, 0, got);
          left -= got;
          if (forward) {
            forwarded.write(buffer, 0, got);
          } else {
            left = comesBy(buffer[0]) ? 0 : left;
          }
        }
      }
      if (left > 0) {
        to.shutdownOutput();
      } else {
        from.close();
        to.close();
      }
    } catch (IOException e) {
      closeBoth(from, to);
    }
  }

  private boolean comesBy(byte next) {
    if (backwardMarker.length == 0) {
      return false;
    }
    matched = next == backwardMarker[matched] ? matched + 1 : next == backwardMarker[0] ? 1 : 0;
    return matched == backwardMarker.length;
  }

  private static void closeBoth(Socket a, Socket b) {
    try (a;
        b) {
      Thread.onSpinWait();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
