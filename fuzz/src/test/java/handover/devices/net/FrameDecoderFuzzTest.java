package handover.devices.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The framing of stream netdevs, in pieces of any size. */
class FrameDecoderFuzzTest {
  private static final long BYTES = 4 << 20;

  static Stream<byte[]> seeds() {
    return Stream.of(
        new byte[] {3, 0, 0, 0, 2, 7, 8, 0, 0, 0, 0},
        new byte[] {1, 0, 1, 0, 14, 0},
        new byte[] {9, -1, -1, -1, -1});
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void frames(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> decode(input));
  }

  private static void decode(byte[] input) {
    int piece = input.length == 0 ? 1 : 1 + (input[0] & 0xff);
    FrameDecoder decoder = new FrameDecoder();
    long[] delivered = new long[1];
    Netdev.FrameSink sink =
        (frame, offset, length) -> {
          assertThat(offset).isNotNegative();
          assertThat(length).isBetween(0, FrameDecoder.MAX_FRAME);
          assertThat(offset + length).isLessThanOrEqualTo(frame.length);
          delivered[0] += FrameDecoder.HEADER + length;
          return true;
        };
    try {
      for (int at = 1; at < input.length; at += piece) {
        ByteBuffer buffer = decoder.buffer();
        int count = Math.min(piece, input.length - at);
        assertThat(buffer.remaining()).isGreaterThanOrEqualTo(count);
        buffer.put(input, at, count);
        decoder.drain(sink);
      }
    } catch (ProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
    assertThat(delivered[0]).isLessThanOrEqualTo(input.length);
  }
}
