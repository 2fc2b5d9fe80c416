package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.vmstate.IterativeMigration;
import handover.vmstate.StreamException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A whole stream into the destination: a guest that starts, or a {@link StreamException}. */
class DestinationFuzzTest {
  private static final FakeMachine MACHINE = machine(IterativeMigration.AUTO);

  private static FakeMachine machine(IterativeMigration mode) {
    FakeMachine machine = new FakeMachine(1, 2);
    machine.devices.get(1).set(1, 2, 3, 4, 5);
    machine.devices.forEach(d -> d.mode = mode);
    machine.pagesPerTick = 0;
    return machine;
  }

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(recorded(IterativeMigration.OFF), recorded(IterativeMigration.AUTO));
  }

  /** A move of a machine whose memory is mostly zero, so that the stream is short. */
  private static byte[] recorded(IterativeMigration mode) throws IOException {
    try (Pair pair = new Pair(machine(mode), machine(mode))) {
      pair.source.blocks.get(0).segment().asSlice(8 << 12, 18 << 12).fill((byte) 9);
      pair.listen();
      try (CuttingProxy proxy = new CuttingProxy(pair.port, Long.MAX_VALUE, Long.MAX_VALUE)) {
        pair.out.migrate(proxy.uri());
        assertThat(Await.ended(pair.out).error()).isEmpty();
        Await.until(() -> "the proxy to finish", () -> proxy.finished);
        return proxy.forwarded.toByteArray();
      }
    }
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void streams(byte[] input) {
    Bounds.withinTime(() -> receive(input));
  }

  private static void receive(byte[] stream) {
    int[] next = new int[1];
    StreamInput in =
        new StreamInput(
            into -> {
              int count = Math.min(into.remaining(), stream.length - next[0]);
              into.put(stream, next[0], count);
              next[0] += count;
              return count == 0 ? -1 : count;
            },
            64 << 10);
    StreamOutput out =
        new StreamOutput(
            from -> {
              int count = from.remaining();
              from.position(from.limit());
              return count;
            },
            64 << 10);
    try (DestinationSession session =
        new DestinationSession(
            MACHINE,
            new MigrationSettings(),
            new Progress(List.of()),
            in,
            out,
            () -> {},
            () -> {})) {
      Optional<DestinationPhase> phase = Optional.of(new DestinationHeader(session));
      while (phase.isPresent()) {
        phase = phase.get().run();
      }
    } catch (StreamException e) {
      assertThat(e.getMessage()).isNotBlank();
    } finally {
      MACHINE.stopForMigration();
    }
  }
}
