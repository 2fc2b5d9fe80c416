package handover.devices.virtio.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.devices.MemoryCharacterBackend;
import handover.devices.virtio.StateBytes;
import handover.devices.virtio.TestGuest;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The console's state as it arrives, classic and group by group. */
class ConsoleStateFuzzTest {
  private static final long BYTES = 32 << 20;
  private static final TestGuest SHARED = new TestGuest();

  private static VirtioConsole console() {
    VirtioConsole console =
        VirtioConsole.create(
                Map.of("max_ports", "2"),
                List.of(
                    new SerialPort(0, true, "", new MemoryCharacterBackend()),
                    new SerialPort(1, false, "channel", new MemoryCharacterBackend())),
                SHARED.memory(),
                problem -> {
                  throw new AssertionError(problem);
                })
            .orElseThrow();
    SHARED.plug(console, false);
    return console;
  }

  static Stream<byte[]> seeds() {
    try (VirtioConsole console = console()) {
      return StateBytes.seeds(console);
    }
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void states(byte[] input) throws Exception {
    try (VirtioConsole console = console()) {
      Bounds.hold(BYTES, () -> assertThat(StateBytes.load(console, input)).isNotNull());
    }
  }
}
