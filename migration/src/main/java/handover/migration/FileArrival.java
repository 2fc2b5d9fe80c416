package handover.migration;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.util.function.Consumer;

/** A machine that lies in a file. It comes once; after a failure it can be asked for again. */
final class FileArrival implements Arrivals {
  private static final System.Logger LOG = System.getLogger(FileArrival.class.getName());

  private final FileAddress address;
  private final FileChannel file;
  private final Consumer<ByteChannel> connections;
  private volatile boolean reading = true;

  FileArrival(FileAddress address, Consumer<ByteChannel> connections) throws IOException {
    this.address = address;
    this.connections = connections;
    this.file = address.read();
  }

  @Override
  public SocketAddress address() {
    return address;
  }

  @Override
  public void start() {
    Thread.ofPlatform().daemon().name("migration-receive").start(this::run);
  }

  @Override
  public boolean listening() {
    return reading;
  }

  @Override
  public void stopListening() {
    reading = false;
  }

  @Override
  public void close() {
    stopListening();
    try {
      file.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a migration file", e);
    }
  }

  private void run() {
    try {
      connections.accept(file);
    } finally {
      close();
    }
  }
}
