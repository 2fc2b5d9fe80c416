package handover.devices.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
  @Property(tries = 200)
  void framesSurviveAnySplitOfTheStream(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 3000) Integer> lengths,
      @ForAll long seed)
      throws ProtocolException {
    Random random = new Random(seed);
    ByteBuffer stream =
        ByteBuffer.allocate(lengths.stream().mapToInt(l -> l + FrameDecoder.HEADER).sum());
    List<byte[]> frames = lengths.stream().map(byte[]::new).toList();
    for (byte[] frame : frames) {
      random.nextBytes(frame);
      stream.putInt(frame.length).put(frame);
    }
    stream.flip();
    assertThat(decode(stream, random)).containsExactlyElementsOf(frames);
  }

  private static List<byte[]> decode(ByteBuffer stream, Random random) throws ProtocolException {
    FrameDecoder decoder = new FrameDecoder();
    Frames sink = new Frames();
    while (stream.hasRemaining()) {
      int piece = Math.min(stream.remaining(), 1 + random.nextInt(700));
      decoder.buffer().put(stream.slice(stream.position(), piece));
      stream.position(stream.position() + piece);
      decoder.drain(sink);
    }
    return sink.got;
  }

  @Test
  void theLongestFrameIsTaken() throws ProtocolException {
    FrameDecoder decoder = new FrameDecoder();
    Frames sink = new Frames();
    for (int i = 0; i < 8; i++) {
      decoder.buffer().putInt(FrameDecoder.MAX_FRAME).put(new byte[FrameDecoder.MAX_FRAME]);
      decoder.drain(sink);
    }
    assertThat(sink.got).hasSize(8).allMatch(f -> f.length == FrameDecoder.MAX_FRAME);
  }

  @ParameterizedTest
  @ValueSource(ints = {FrameDecoder.MAX_FRAME + 1, -1, Integer.MIN_VALUE})
  void anImpossibleLengthEndsTheStream(int length) {
    FrameDecoder decoder = new FrameDecoder();
    decoder.buffer().putInt(length);
    assertThatThrownBy(() -> decoder.drain(new Frames()))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining(Long.toString(length & 0xffff_ffffL));
  }
}
