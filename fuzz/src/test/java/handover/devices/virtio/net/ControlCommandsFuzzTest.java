package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.devices.virtio.VirtioFault;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A sequence of control commands, the first byte of each its length. */
class ControlCommandsFuzzTest {
  private static final int PAIRS = 8;
  private static final long BYTES = 16 << 20;

  static Stream<byte[]> seeds() {
    return Stream.of(
        new byte[] {3, 0, 0, 1, 4, 4, 0, 8, 0},
        new byte[] {8, 1, 1, 2, 0, 0, 0, 0, 1, 4, 2, 0, 5, 0},
        new byte[] {10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 10, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0});
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void commands(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> run(input));
  }

  private static void run(byte[] input) {
    NetControl control = new NetControl(new byte[] {2, 0, 0, 0, 0, 1});
    ControlCommands commands = new ControlCommands(control, PAIRS);
    for (int at = 0; at < input.length; at += 1 + (input[at] & 0xff)) {
      int end = Math.min(input.length, at + 1 + (input[at] & 0xff));
      try {
        commands.handle(new FakeChain(Arrays.copyOfRange(input, at + 1, end), 1), -1);
      } catch (VirtioFault e) {
        assertThat(e.getMessage()).isNotBlank();
      }
      assertThat(control.tableEntries).isBetween(0, NetControl.MAC_TABLE_ENTRIES);
      assertThat(control.queuePairs).isBetween(1, PAIRS);
    }
  }
}
