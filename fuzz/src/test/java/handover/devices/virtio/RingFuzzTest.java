package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ring memory as a hostile guest writes it, split and packed: descriptor table, available ring and
 * an indirect table are the input's bytes. Chains come out, or a {@link VirtioFault}.
 */
class RingFuzzTest {
  private static final int SIZE = 8;
  private static final int TABLE = 16 * SIZE;
  private static final int AVAILABLE = 6 + 2 * SIZE;
  private static final long INDIRECT = TestGuest.RAM + (1 << 16);

  /** A packed ring's entries may be valid again in the next lap. */
  private static final int MOST_CHAINS = 4 * SIZE;

  private static final long BYTES = 8 << 20;

  private static final TestGuest GUEST = new TestGuest();

  static Stream<byte[]> seeds() {
    byte[] one = new byte[TABLE + AVAILABLE];
    one[2] = 1; // at 0x8001_0000
    one[3] = (byte) 0x80;
    one[8] = 64;
    one[TABLE + 2] = 1;
    byte[] indirect = Arrays.copyOf(one, one.length + 32);
    indirect[12] = 4;
    indirect[8] = 32;
    System.arraycopy(one, 0, indirect, one.length, 16);
    indirect[one.length + 12] = 1;
    indirect[one.length + 14] = 1;
    System.arraycopy(one, 0, indirect, one.length + 16, 16);
    return Stream.of(one, indirect);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void ring(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> serve(false, input));
    Bounds.hold(BYTES, () -> serve(true, input));
  }

  private static void serve(boolean packed, byte[] input) {
    TestRing ring = TestRing.of(packed, GUEST.memory(), TestGuest.RAM, SIZE);
    ring.clear();
    Vring queue = Vring.of(packed, 0, GUEST.memory(), (i, chains, wanted) -> {});
    queue.configure(
        new QueueLayout(SIZE, 4096, ring.descriptors(), ring.available(), ring.used(), true));
    queue.negotiated(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC);
    byte[] memory = Arrays.copyOf(input, Math.max(input.length, TABLE + AVAILABLE));
    GUEST.memory().write(ring.descriptors(), memory, 0, TABLE);
    GUEST.memory().write(ring.available(), memory, TABLE, AVAILABLE);
    int rest = Math.min(memory.length - TABLE - AVAILABLE, 1 << 16);
    GUEST.memory().write(INDIRECT, memory, TABLE + AVAILABLE, rest);
    byte[] bytes = new byte[256];
    int chains = 0;
    try {
      for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
        chains++;
        assertThat(chains).as("chains in a ring of %d", SIZE).isLessThanOrEqualTo(MOST_CHAINS);
        assertThat(chain.readable()).isNotNegative();
        assertThat(chain.writable()).isNotNegative();
        chain.read(0, bytes, 0, Math.min(bytes.length, chain.readable()));
        queue.push(chain, 0);
      }
      queue.publish();
    } catch (VirtioFault e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
