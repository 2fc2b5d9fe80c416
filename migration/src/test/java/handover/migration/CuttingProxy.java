package handover.migration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes one connection on, both ways, and cuts it after so many bytes of one direction. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final long forwardLimit;
  private final long backwardLimit;
  final ByteArrayOutputStream forwarded = new ByteArrayOutputStream();
  volatile long returned;
  volatile boolean finished;

  CuttingProxy(int target, long forwardLimit, long backwardLimit) throws IOException {
    this.server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    this.target = target;
    this.forwardLimit = forwardLimit;
    this.backwardLimit = backwardLimit;
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
    byte[] buffer = new byte[4096];
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
            returned = limit - left;
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
