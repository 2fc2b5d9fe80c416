package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.vmstate.StreamException;
import handover.vmstate.WireWriter;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a hostile destination says: the waiting source hears of the end, whatever came before. */
class ReturnPathFuzzTest {
  private static final long PATIENCE_MILLIS = 10_000;

  static Stream<byte[]> seeds() {
    WireWriter path = new WireWriter();
    path.u16(2);
    path.u16(4);
    path.u32(0x1234);
    new DestinationMessage.Ack(1, 1).write(path);
    new DestinationMessage.Ready().write(path);
    path.u16(1);
    path.u16(4);
    path.u32(0);
    return Stream.of(path.toByteArray());
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void path(byte[] input) {
    Bounds.withinTime(() -> listen(input));
  }

  private static void listen(byte[] input) {
    int[] next = new int[1];
    StreamInput in =
        new StreamInput(
            into -> {
              int count = Math.min(into.remaining(), input.length - next[0]);
              into.put(input, next[0], count);
              next[0] += count;
              return count == 0 ? -1 : count;
            },
            64 << 10);
    ReturnPath path = new ReturnPath(in, 2);
    path.start(() -> {});
    long began = System.nanoTime();
    path.reasonWithin(PATIENCE_MILLIS);
    assertThat(System.nanoTime() - began)
        .as("the reader ended, and said so")
        .isLessThan(PATIENCE_MILLIS * 1_000_000);
    try {
      path.check();
    } catch (StreamException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
