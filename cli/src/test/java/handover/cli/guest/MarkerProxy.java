package handover.cli.guest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Passes one connection on, until some text has come by so many times; then acts and cuts it. */
final class MarkerProxy implements AutoCloseable {
  /** What to do when the text has come by. */
  interface Action {
    void run() throws InterruptedException;
  }

  private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final int target;
  private final byte[] marker;
  private final int times;
  private final Action action;
  private int matched;
  private int seen;
  private volatile boolean reached;

  /**
   * Begins to listen.
   *
   * @param marker of characters such that none but the first equals the first
   */
  MarkerProxy(int target, String marker, int times, Action action) throws IOException {
    this.target = target;
    this.marker = marker.getBytes(StandardCharsets.US_ASCII);
    this.times = times;
    this.action = action;
    Thread.ofVirtual().start(this::run);
  }

  String uri() {
    return "tcp:127.0.0.1:" + server.getLocalPort();
  }

  /** Whether the text has come by often enough. */
  boolean reached() {
    return reached;
  }

  private void run() {
    try (Socket source = server.accept();
        Socket destination = new Socket(InetAddress.getLoopbackAddress(), target)) {
      Thread.ofVirtual().start(() -> passBack(destination, source));
      pass(source, destination);
    } catch (IOException e) {
      // Either side has gone, which is what is tested.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void passBack(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The other direction sees it too.
    }
  }

  private void pass(Socket from, Socket to) throws IOException, InterruptedException {
    byte[] buffer = new byte[1 << 16];
    for (int n = from.getInputStream().read(buffer);
        n >= 0;
        n = from.getInputStream().read(buffer)) {
      if (comesBy(buffer, n)) {
        action.run();
        return;
      }
      to.getOutputStream().write(buffer, 0, n);
    }
  }

  private boolean comesBy(byte[] buffer, int length) {
    for (int i = 0; i < length && !reached; i++) {
      matched = buffer[i] == marker[matched] ? matched + 1 : buffer[i] == marker[0] ? 1 : 0;
      if (matched == marker.length) {
        matched = 0;
        seen++;
        reached = seen == times;
      }
    }
    return reached;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
