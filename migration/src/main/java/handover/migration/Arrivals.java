package handover.migration;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.util.function.Consumer;

/** Where a machine arrives. */
sealed interface Arrivals extends AutoCloseable permits IncomingListener, FileArrival {
  /**
   * Opens the place.
   *
   * @param connections takes one machine in; what it is given is closed after it
   */
  static Arrivals at(SocketAddress address, Consumer<ByteChannel> connections) throws IOException {
    return address instanceof FileAddress file
        ? new FileArrival(file, connections)
        : new IncomingListener(address, connections);
  }

  /** The place's own address. */
  SocketAddress address() throws IOException;

  /** Begins to take in what comes. */
  void start();

  /** Whether a machine may still come. */
  boolean listening();

  /** Accepts no more; what is being taken in goes on. */
  void stopListening();

  @Override
  void close();
}
