package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import handover.devices.virtio.TestRing.Piece;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class SplitRingAllocationTest {
  private static final int SIZE = 16;
  private static final int ROUNDS = 2000;

  private final TestGuest guest = new TestGuest();
  private final TestRing ring = new TestRing(guest.memory(), TestGuest.RAM, SIZE);
  private final SplitVirtqueue queue = new SplitVirtqueue(0, SIZE, guest.memory(), () -> {});

  @Test
  void servingChainsAllocatesNothing() {
    queue.configure(
        new QueueLayout(SIZE, 4096, ring.descriptors(), ring.available(), ring.used(), true));
    queue.negotiated(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC);
    for (int i = 0; i < SIZE / 2; i++) {
      ring.addIndirect(Piece.out((byte) 1), Piece.in(64), Piece.in(64));
    }
    // The driver offers the same heads again and again: entries 8 to 15 name what 0 to 7 do.
    for (int i = 0; i < SIZE / 2; i++) {
      ring.makeAvailable(guest.memory().loadU16(ring.available() + 4 + 2L * i));
    }
    ring.setAvailableIndex(0);
    byte[] bytes = new byte[128];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int index = serve(0, bytes);
    long before = threads.getCurrentThreadAllocatedBytes();
    index = serve(index, bytes);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(index).isEqualTo(2 * ROUNDS * (SIZE / 2) & 0xffff);
    assertThat(ring.usedIndex()).isEqualTo(index);
    assertThat(allocated / ROUNDS).as("bytes per %d chains", SIZE / 2).isZero();
  }

  private int serve(int from, byte[] bytes) {
    int index = from;
    for (int round = 0; round < ROUNDS; round++) {
      index = index + SIZE / 2 & 0xffff;
      ring.setAvailableIndex(index);
      queue.disableKicks();
      for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
        chain.read(0, bytes, 0, chain.readable());
        chain.write(0, bytes, 0, chain.writable());
        queue.push(chain, chain.writable());
      }
      queue.publish();
      queue.enableKicks();
    }
    return index;
  }
}
