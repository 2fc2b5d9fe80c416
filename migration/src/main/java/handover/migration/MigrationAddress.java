package handover.migration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a migration goes to or comes from: {@code tcp:HOST:PORT}, {@code unix:PATH} or {@code
 * file:PATH[,offset=BYTES]}.
 */
sealed interface MigrationAddress {
  /** TCP; an empty host means every address when listening and the loopback when connecting. */
  record Tcp(String host, int port) implements MigrationAddress {}

  /** A Unix socket. */
  record Unix(UnixDomainSocketAddress address) implements MigrationAddress {}

  /**
   * A file, from which nothing comes back.
   *
   * @param offset where the stream begins in it, in bytes
   */
  record Disk(Path path, long offset) implements MigrationAddress {}

  /** How the URI of a file begins. */
  String FILE = "file:";

  /**
   * Understands a URI; IPv6 hosts stand in brackets.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static MigrationAddress parse(String uri) {
    if (uri.startsWith("unix:") && uri.length() > 5) {
      try {
        return new Unix(UnixDomainSocketAddress.of(uri.substring(5)));
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("migration URI '%s': not a path".formatted(uri), e);
      }
    }
    if (uri.startsWith(FILE) && uri.length() > FILE.length()) {
      return disk(uri, uri.substring(FILE.length()));
    }
    int colon = uri.lastIndexOf(':');
    if (!uri.startsWith("tcp:") || colon < 4) {
      throw new IllegalArgumentException(
          "migration URI '%s' is not understood; give tcp:HOST:PORT, unix:PATH or".formatted(uri)
              + " file:PATH[,offset=BYTES]");
    }
    return new Tcp(host(uri.substring(4, colon)), port(uri, uri.substring(colon + 1)));
  }

  /** Addresses to try in turn when connecting. */
  default List<SocketAddress> targets() throws IOException {
    return switch (this) {
      case Unix unix -> List.of(unix.address());
      case Disk disk -> List.of(new FileAddress(disk.path(), disk.offset()));
      case Tcp tcp -> {
        List<SocketAddress> all = new ArrayList<>();
        InetAddress[] hosts =
            tcp.host().isEmpty()
                ? new InetAddress[] {InetAddress.getLoopbackAddress()}
                : InetAddress.getAllByName(tcp.host());
        for (InetAddress host : hosts) {
          all.add(new InetSocketAddress(host, tcp.port()));
        }
        yield all;
      }
    };
  }

  /** The address to listen at. */
  default SocketAddress listening() throws IOException {
    return switch (this) {
      case Unix unix -> unix.address();
      case Disk disk -> new FileAddress(disk.path(), disk.offset());
      case Tcp tcp ->
          tcp.host().isEmpty()
              ? new InetSocketAddress(tcp.port())
              : new InetSocketAddress(InetAddress.getByName(tcp.host()), tcp.port());
    };
  }

  private static Disk disk(String uri, String text) {
    int option = text.lastIndexOf(",offset=");
    String name = option < 0 ? text : text.substring(0, option);
    try {
      long offset = option < 0 ? 0 : Long.decode(text.substring(option + 8));
      if (offset >= 0) {
        return new Disk(Path.of(name), offset);
      }
    } catch (NumberFormatException | InvalidPathException e) {
      // Said below, together with negative offsets.
    }
    throw new IllegalArgumentException(
        "migration URI '%s': give file:PATH or file:PATH,offset=BYTES".formatted(uri));
  }

  private static String host(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]");
    String host = bracketed ? text.substring(1, text.length() - 1) : text;
    return host.equals("0") ? "" : host;
  }

  private static int port(String uri, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 0xffff) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below, together with numbers out of range.
    }
    throw new IllegalArgumentException(
        "migration URI '%s': '%s' is not a port from 0 to 65535".formatted(uri, text));
  }
}
