package handover.devices.virtio;

import handover.devices.virtio.TestRing.Piece;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A chain's way through a split ring: popped, read, written, pushed; every eight chains the used
 * index is published and kicks are asked for again. Each chain is an indirect table of one readable
 * and two writable pieces.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VirtqueueBenchmark {
  private static final int SIZE = 16;
  private static final int BATCH = SIZE / 2;

  private final TestGuest guest = new TestGuest();
  private final SplitTestRing ring = new SplitTestRing(guest.memory(), TestGuest.RAM, SIZE);
  private final SplitVirtqueue queue = new SplitVirtqueue(0, guest.memory(), ignored -> {});
  private final byte[] bytes = new byte[128];
  private int index;

  /** Lays the ring out; the driver offers the same heads again and again. */
  public VirtqueueBenchmark() {
    queue.configure(
        new QueueLayout(SIZE, 4096, ring.descriptors(), ring.available(), ring.used(), true));
    queue.negotiated(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC);
    for (int i = 0; i < BATCH; i++) {
      ring.addIndirect(Piece.out((byte) 1), Piece.in(64), Piece.in(64));
    }
    for (int i = 0; i < BATCH; i++) {
      ring.makeAvailable(guest.memory().loadU16(ring.available() + 4 + 2L * i));
    }
    ring.setAvailableIndex(0);
  }

  /** Eight chains. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int chain() {
    index = index + BATCH & 0xffff;
    ring.setAvailableIndex(index);
    queue.disableKicks();
    for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
      chain.read(0, bytes, 0, chain.readable());
      chain.write(0, bytes, 0, chain.writable());
      queue.push(chain, chain.writable());
    }
    queue.publish();
    queue.enableKicks();
    return ring.usedIndex();
  }
}
