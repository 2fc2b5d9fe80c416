package handover.devices.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.devices.virtio.backend.QueueSetup;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a vhost-user back end says, from the handshake to the stop of its rings. */
class VhostReplyFuzzTest {
  private static final long BYTES = 4 << 20;
  private static final int PIECES = 7;

  static Stream<byte[]> seeds() {
    return Stream.of(
        conversation(0, 0x1_4400_8000L),
        conversation(1, 0x1_4400_8000L),
        reply(1, 0x1_4000_0000L),
        new byte[] {1, 0, 0, 0, 5, 0, 0, 0, -1, -1, -1, 0x7f});
  }

  /** A whole conversation with a back end that has acknowledgements, or not. */
  private static byte[] conversation(int acknowledging, long features) {
    byte[] all = join(reply(1, features), reply(15, 3 | acknowledging << 3), reply(17, 4));
    for (int request : new int[] {5, 2, 8, 9, 10}) {
      all = acknowledging == 1 ? join(all, reply(request, 0)) : all;
    }
    all = acknowledging == 1 ? all : join(all, reply(1, features));
    all = join(all, reply(6, 0));
    all = acknowledging == 1 ? all : join(all, reply(1, features));
    return join(all, reply(11, 7L << 32), reply(11, 9L << 32 | 1));
  }

  private static byte[] reply(int request, long value) {
    byte[] bytes = new byte[20];
    bytes[0] = (byte) request;
    bytes[4] = 5;
    bytes[8] = 8;
    for (int i = 0; i < 8; i++) {
      bytes[12 + i] = (byte) (value >>> 8 * i);
    }
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    Stream.of(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void replies(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> converse(new Recording(input)));
  }

  private static void converse(Recording link) {
    try {
      VhostConnection to = VhostConnection.open(new VhostChannel(link, 10));
      assertThat(to.queuePairs()).isBetween(1, 0xffff);
      QueueSetup queue = new QueueSetup(0, 64, 0x8000_0000L, 0x8000_1000L, 0x8000_2000L);
      to.tellMemory(List.of(new VhostConnection.Region(0x8000_0000L, 1 << 20, 3)));
      to.tellFeatures(-1L);
      to.tellSize(queue);
      to.tellAddresses(queue, true);
      to.tellBase(0, 0);
      to.settle();
      to.tellLog(4096, 3);
      assertThat(to.stop(List.of(0, 1))).hasSize(2);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  /** A back end that says what it was going to say, in small pieces. */
  private static final class Recording implements VhostLink {
    private final byte[] said;
    private int at;

    Recording(byte[] said) {
      this.said = said;
    }

    @Override
    public void send(byte[] bytes, int... descriptors) {
      assertThat(bytes).hasSizeBetween(12, VhostChannel.HEADER + VhostChannel.MAX_PAYLOAD);
    }

    @Override
    public int receive(byte[] into, int offset, int length, List<Integer> descriptors, int millis) {
      assertThat(length).isBetween(1, VhostChannel.MAX_PAYLOAD);
      int count = Math.min(Math.min(PIECES, length), said.length - at);
      System.arraycopy(said, at, into, offset, Math.max(0, count));
      at += count;
      return count == 0 ? -1 : count;
    }

    @Override
    public void shutDown() {}
  }
}
