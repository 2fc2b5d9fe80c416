package handover.devices.vhost;

import handover.memory.DescriptorPoll;
import handover.memory.EventFd;
import handover.memory.UnixSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where back ends come from: a socket to connect to, or to listen on. */
final class VhostPeers implements AutoCloseable {
  private final VhostSocket socket;
  private final Optional<UnixSocket> listener;

  private VhostPeers(VhostSocket socket, Optional<UnixSocket> listener) {
    this.socket = socket;
    this.listener = listener;
  }

  static VhostPeers open(VhostSocket socket) throws IOException {
    return new VhostPeers(
        socket, socket.server() ? Optional.of(UnixSocket.listen(socket.path())) : Optional.empty());
  }

  /**
   * The first one; all else can only be checked with it.
   *
   * @param millis longest wait, when listening
   */
  UnixSocket first(int millis) throws IOException {
    if (listener.isEmpty()) {
      return UnixSocket.connect(socket.path());
    }
    try {
      return listener.get().accept(millis);
    } catch (SocketTimeoutException e) {
      throw new IOException("no back end connected within %d s".formatted(millis / 1000), e);
    }
  }

  /** Whether there can be another. */
  boolean more() {
    return listener.isPresent() || socket.reconnectMillis() > 0;
  }

  /**
   * Tries to find another, or waits.
   *
   * @param wake ends the wait early
   * @return one, if there was one
   */
  Optional<UnixSocket> next(EventFd wake) throws IOException {
    DescriptorPoll poll = new DescriptorPoll(2);
    poll.readable(wake.fd());
    if (listener.isPresent()) {
      int place = poll.readable(listener.get().fd());
      poll.await(-1);
      return poll.isReadable(place) ? Optional.of(listener.get().accept(0)) : Optional.empty();
    }
    poll.await(socket.reconnectMillis());
    if (poll.isReadable(0)) {
      return Optional.empty();
    }
    try {
      return Optional.of(UnixSocket.connect(socket.path()));
    } catch (IOException notYet) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    listener.ifPresent(
        l -> {
          l.close();
          try {
            Files.deleteIfExists(socket.path());
          } catch (IOException e) {
            System.getLogger(VhostPeers.class.getName())
                .log(System.Logger.Level.DEBUG, "the socket's file stays: {0}", e.getMessage());
          }
        });
  }

  Path path() {
    return socket.path();
  }
}
