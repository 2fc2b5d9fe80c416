package handover.migration;

import handover.vmstate.StreamException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Waits for a machine, one connection at a time, until one has arrived whole. A failed attempt is
 * reported and the next is awaited, so that whoever sends can mend what was wrong and try again.
 */
final class IncomingListener implements Arrivals {
  private static final System.Logger LOG = System.getLogger(IncomingListener.class.getName());

  private final ServerSocketChannel server;
  private final Consumer<ByteChannel> connections;
  private volatile Optional<SocketChannel> current = Optional.empty();

  /**
   * Begins to listen.
   *
   * @param connections takes one machine in; called on the listener's thread, which closes the
   *     connection after it
   */
  IncomingListener(SocketAddress address, Consumer<ByteChannel> connections) throws IOException {
    this.connections = connections;
    boolean unix = address instanceof UnixDomainSocketAddress;
    if (address instanceof UnixDomainSocketAddress path) {
      // What an earlier process left behind would keep us from binding.
      Files.deleteIfExists(path.getPath());
    }
    server =
        unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
    try {
      server.bind(address, 1);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  @Override
  public SocketAddress address() throws IOException {
    return server.getLocalAddress();
  }

  @Override
  public void start() {
    Thread.ofPlatform().daemon().name("migration-receive").start(this::run);
  }

  @Override
  public boolean listening() {
    return server.isOpen();
  }

  @Override
  public void stopListening() {
    try {
      SocketAddress address = server.getLocalAddress();
      server.close();
      if (address instanceof UnixDomainSocketAddress path) {
        Files.deleteIfExists(path.getPath());
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing the migration socket", e);
    }
  }

  @Override
  public void close() {
    stopListening();
    current.ifPresent(IncomingListener::closeQuietly);
  }

  private void run() {
    while (server.isOpen()) {
      try (SocketChannel channel = server.accept()) {
        current = Optional.of(channel);
        Link.tune(channel);
        connections.accept(channel);
      } catch (IOException e) {
        if (server.isOpen()) {
          LOG.log(System.Logger.Level.WARNING, "accepting a migration failed", e);
        }
      } catch (StreamException e) {
        LOG.log(System.Logger.Level.DEBUG, "ending a migration connection", e);
      } finally {
        current = Optional.empty();
      }
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a migration connection", e);
    }
  }
}
