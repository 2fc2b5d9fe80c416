package handover.migration;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.vmstate.IterativeMigration;
import handover.vmstate.StreamException;
import java.io.IOException;
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
      pair.source.blocks.get(0).dirtyLog().mark(8 << 12, 18 << 12);
      return FedDestination.recorded(pair);
    }
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void streams(byte[] input) {
    Bounds.withinTime(() -> FedDestination.receive(MACHINE, input));
  }
}
