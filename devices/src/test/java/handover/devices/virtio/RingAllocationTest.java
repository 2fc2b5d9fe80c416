package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import handover.devices.virtio.TestRing.Piece;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingAllocationTest {
  private static final int SIZE = 16;
  private static final int ROUNDS = 2000;

  private final TestGuest guest = new TestGuest();
  private final byte[] bytes = new byte[128];
  private final byte[] asAdded = new byte[16 * SIZE];
  private int wrap;
  private int index;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void servingChainsAllocatesNothing(boolean packed) {
    TestRing ring = TestRing.of(packed, guest.memory(), TestGuest.RAM, SIZE);
    Vring queue = Vring.of(packed, 0, guest.memory(), (i, chains, wanted) -> {});
    queue.configure(
        new QueueLayout(SIZE, 4096, ring.descriptors(), ring.available(), ring.used(), true));
    queue.negotiated(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC);
    for (int i = 0; i < SIZE; i++) {
      ring.addIndirect(Piece.out((byte) 1), Piece.in(64), Piece.in(64));
    }
    guest.memory().read(ring.descriptors(), asAdded, 0, asAdded.length);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    serve(ring, queue);
    long before = threads.getCurrentThreadAllocatedBytes();
    int served = serve(ring, queue);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(served).isEqualTo(ROUNDS * SIZE);
    assertThat(allocated / ROUNDS).as("bytes per %d chains", SIZE).isZero();
  }

  private int serve(TestRing ring, Vring queue) {
    int served = 0;
    for (int round = 0; round < ROUNDS; round++) {
      offer(ring);
      queue.disableKicks();
      for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
        chain.read(0, bytes, 0, chain.readable());
        chain.write(0, bytes, 0, chain.writable());
        queue.push(chain, chain.writable());
        served++;
      }
      queue.publish();
      queue.enableKicks();
    }
    return served;
  }

  /** The driver offers the same buffers again and again. */
  private void offer(TestRing ring) {
    if (ring instanceof SplitTestRing split) {
      index = index + SIZE & 0xffff;
      split.setAvailableIndex(index);
      return;
    }
    guest.memory().write(ring.descriptors(), asAdded, 0, asAdded.length);
    wrap ^= 1;
    for (int i = 0; wrap == 0 && i < SIZE; i++) {
      guest.memory().storeU16(ring.descriptors() + 16L * i + 14, 0x8000 | 4);
    }
  }
}
