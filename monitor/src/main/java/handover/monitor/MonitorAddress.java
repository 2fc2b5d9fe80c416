package handover.monitor;

import handover.devices.NearestName;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where a monitor is offered: {@code -qmp} and {@code -monitor} in QEMU's short form. */
public sealed interface MonitorAddress {
  /** Standard input and output. */
  record Stdio() implements MonitorAddress {}

  /** Nowhere. */
  record None() implements MonitorAddress {}

  /**
   * A socket.
   *
   * @param address unix or tcp
   * @param server listen there (any number of clients), or connect to it
   * @param waitForClient a server lets the machine start only once a client came
   */
  record Socket(SocketAddress address, boolean server, boolean waitForClient)
      implements MonitorAddress {}

  /**
   * Understands {@code stdio}, {@code none}, {@code unix:PATH[,server=on|off][,wait=on|off]} and
   * {@code tcp:HOST:PORT[,...]}. As in QEMU, a socket without {@code server=on} is connected to,
   * and a server waits unless {@code wait=off}.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static MonitorAddress parse(String text) {
    List<String> parts = List.of(text.split(",", -1));
    String where = parts.getFirst();
    if (where.equals("stdio") || where.equals("none")) {
      if (parts.size() > 1) {
        throw new IllegalArgumentException("'" + where + "' takes no options, got '" + text + "'");
      }
      return where.equals("stdio") ? new Stdio() : new None();
    }
    boolean server = false;
    boolean wait = true;
    for (String option : parts.subList(1, parts.size())) {
      switch (SocketOption.of(option)) {
        case SocketOption(String name, boolean on) when name.equals("server") -> server = on;
        case SocketOption(String name, boolean on) -> wait = on;
      }
    }
    return new Socket(socketAddress(where), server, server && wait);
  }

  /**
   * Understands {@code unix:PATH} and {@code tcp:HOST:PORT}; a bare path means a unix socket. An
   * empty host means every interface to listen at, this machine to connect to.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static SocketAddress socketAddress(String text) {
    if (text.startsWith("tcp:")) {
      return inet(text.substring("tcp:".length()));
    }
    if (text.startsWith("unix:") || text.startsWith("/") || text.startsWith(".")) {
      String path = text.startsWith("unix:") ? text.substring("unix:".length()) : text;
      if (path.isEmpty()) {
        throw new IllegalArgumentException("'" + text + "' lacks the socket's path");
      }
      try {
        return UnixDomainSocketAddress.of(path);
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("'" + text + "' is no path: " + e.getReason(), e);
      }
    }
    throw new IllegalArgumentException("expected unix:PATH or tcp:HOST:PORT, got '" + text + "'");
  }

  private static InetSocketAddress inet(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    String digits = hostAndPort.substring(colon + 1);
    if (colon < 0 || !digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > 65_535) {
      throw new IllegalArgumentException(
          "expected tcp:HOST:PORT with a port from 0 to 65535, got 'tcp:" + hostAndPort + "'");
    }
    String host = hostAndPort.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = Integer.parseInt(digits);
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  /** One {@code name=on|off}, or QEMU's older {@code server}, {@code nowait}. */
  record SocketOption(String name, boolean on) {
    private static final Map<String, SocketOption> SHORT =
        Map.of(
            "server", new SocketOption("server", true),
            "nowait", new SocketOption("wait", false),
            "wait", new SocketOption("wait", true));
    private static final List<String> NAMES = List.of("server", "wait");

    static SocketOption of(String text) {
      SocketOption brief = SHORT.get(text);
      if (brief != null) {
        return brief;
      }
      String name = text.split("=", 2)[0];
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException(
            "unknown option '%s'%s".formatted(name, NearestName.hint(name, NAMES)));
      }
      return switch (text.substring(name.length()).toLowerCase(Locale.ROOT)) {
        case "=on", "=yes" -> new SocketOption(name, true);
        case "=off", "=no" -> new SocketOption(name, false);
        default ->
            throw new IllegalArgumentException(
                "option '%s' expects on or off, got '%s'".formatted(name, text));
      };
    }
  }
}
