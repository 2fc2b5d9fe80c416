package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.StreamException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Streams as bytes: recorded from a move, and fed to a destination that has no source. */
final class FedDestination {
  private static final int BUFFER = 64 << 10;

  private FedDestination() {}

  /** What goes over the wire when {@code pair} moves. */
  static byte[] recorded(Pair pair) throws IOException {
    pair.listen();
    try (CuttingProxy proxy = new CuttingProxy(pair.port, Long.MAX_VALUE, Long.MAX_VALUE)) {
      pair.out.migrate(proxy.uri());
      assertThat(Await.ended(pair.out).error()).isEmpty();
      Await.until(() -> "the proxy to finish", () -> proxy.finished);
      return proxy.forwarded.toByteArray();
    }
  }

  /**
   * Whether the guest in {@code stream} would start on {@code machine}; if not, that is said by a
   * {@link StreamException}, and anything else is thrown on.
   */
  static boolean receive(FakeMachine machine, byte[] stream) {
    try (DestinationSession session =
        new DestinationSession(
            machine,
            new MigrationSettings(),
            new Progress(List.of()),
            from(stream),
            nowhere(),
            () -> {},
            () -> {})) {
      try {
        Optional<DestinationPhase> phase = Optional.of(new DestinationHeader(session));
        while (phase.isPresent()) {
          phase = phase.get().run();
        }
        return true;
      } catch (StreamException e) {
        assertThat(e.getMessage()).isNotBlank();
        session.fail(e.getMessage());
        return false;
      } finally {
        machine.stopForMigration();
      }
    }
  }

  private static StreamInput from(byte[] stream) {
    int[] next = new int[1];
    return new StreamInput(
        into -> {
          int count = Math.min(into.remaining(), stream.length - next[0]);
          into.put(stream, next[0], count);
          next[0] += count;
          return count == 0 ? -1 : count;
        },
        BUFFER);
  }

  private static StreamOutput nowhere() {
    return new StreamOutput(
        from -> {
          int count = from.remaining();
          from.position(from.limit());
          return count;
        },
        BUFFER);
  }
}
