package handover.migration;

import handover.vmstate.StreamException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Phase 1: reaches the destination, at each address its name has. */
record SourceConnect(SourceSession session) implements SourcePhase {
  @Override
  public Optional<SourcePhase> run() {
    List<String> failures = new ArrayList<>();
    try {
      for (SocketAddress target : session.address().targets()) {
        if (connect(target, failures)) {
          session.connected();
          return Optional.of(new SourceAgree(session));
        }
      }
    } catch (IOException e) {
      failures.add("no address for " + e.getMessage());
    }
    throw new StreamException(
        "cannot reach the destination (is it waiting with -incoming or migrate-incoming?): "
            + String.join("; ", failures));
  }

  private static ByteChannel open(FileAddress file) {
    try {
      return file.write();
    } catch (IOException e) {
      throw new StreamException("cannot write %s: %s".formatted(file, e), e);
    }
  }

  private boolean connect(SocketAddress target, List<String> failures) throws IOException {
    if (target instanceof FileAddress file) {
      session.connecting(open(file));
      return true;
    }
    SocketChannel channel = Link.open(target);
    session.connecting(channel);
    try {
      Link.connect(channel, target, session.channelTimeout());
      return true;
    } catch (IOException e) {
      channel.close();
      if (session.cancelled()) {
        throw new MigrationCancelled();
      }
      failures.add(target + ": " + e.getMessage());
      return false;
    }
  }
}
