package handover.devices.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;

/** Stream sockets over TCP and Unix paths alike. */
public final class StreamSocket {
  private static final int CONNECT_TIMEOUT_MILLIS = 5000;

  private StreamSocket() {}

  /** A blocking, connected socket. */
  static SocketChannel connect(SocketAddress address) throws IOException {
    if (address instanceof UnixDomainSocketAddress) {
      return SocketChannel.open(address);
    }
    InetSocketAddress inet = resolved(address);
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(inet, CONNECT_TIMEOUT_MILLIS);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * A listening socket. A socket file that nobody listens on any more is replaced, as a process
   * that was killed leaves one behind.
   */
  static ServerSocketChannel listen(SocketAddress address) throws IOException {
    boolean unix = address instanceof UnixDomainSocketAddress;
    ServerSocketChannel server =
        unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
    try {
      if (unix) {
        removeStale((UnixDomainSocketAddress) address);
        server.bind(address);
      } else {
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        server.bind(resolved(address));
      }
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Closes a listener and removes its socket file. */
  static void close(ServerSocketChannel server) throws IOException {
    if (!server.isOpen()) {
      return;
    }
    SocketAddress address = server.getLocalAddress();
    server.close();
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.deleteIfExists(unix.getPath());
    }
  }

  /** {@code unix:/path} or {@code tcp:host:port}. */
  public static String text(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress unix -> "unix:" + unix.getPath();
      case InetSocketAddress inet -> "tcp:" + inet.getHostString() + ":" + inet.getPort();
      default -> address.toString();
    };
  }

  private static void removeStale(UnixDomainSocketAddress address) throws IOException {
    if (!Files.exists(address.getPath())) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(address)) {
      throw new BindException("another process listens at " + text(probe.getRemoteAddress()));
    } catch (BindException e) {
      throw e;
    } catch (IOException nobodyListens) {
      Files.delete(address.getPath());
    }
  }

  private static InetSocketAddress resolved(SocketAddress address) throws IOException {
    if (!(address instanceof InetSocketAddress inet)) {
      throw new IOException("neither a Unix path nor host and port: " + address);
    }
    if (inet.isUnresolved()) {
      throw new UnknownHostException(inet.getHostString() + ": unknown host");
    }
    return inet;
  }
}
