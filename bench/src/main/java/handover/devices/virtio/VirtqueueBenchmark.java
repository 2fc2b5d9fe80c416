package handover.devices.virtio;

import handover.devices.virtio.TestRing.Piece;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A chain's way through a ring: popped, read, written, pushed; every sixteen chains the used index
 * is published and kicks are asked for again. Each chain is an indirect table of one readable and
 * two writable pieces.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VirtqueueBenchmark {
  private static final int SIZE = 16;

  /** The ring's format. */
  @Param({"false", "true"})
  public boolean packed;

  private final TestGuest guest = new TestGuest();
  private final byte[] bytes = new byte[128];
  private final byte[] asAdded = new byte[Vring.DESCRIPTOR_BYTES * SIZE];
  private TestRing ring;
  private Vring queue;
  private int index;
  private boolean odd;

  /** Lays the ring out and fills it. */
  @Setup
  public void fill() {
    ring = TestRing.of(packed, guest.memory(), TestGuest.RAM, SIZE);
    ring.clear();
    queue = Vring.of(packed, 0, guest.memory(), (i, chains, wanted) -> {});
    queue.configure(
        new QueueLayout(SIZE, 4096, ring.descriptors(), ring.available(), ring.used(), true));
    queue.negotiated(Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC);
    for (int i = 0; i < SIZE; i++) {
      ring.addIndirect(Piece.out((byte) 1), Piece.in(64), Piece.in(64));
    }
    guest.memory().read(ring.descriptors(), asAdded, 0, asAdded.length);
  }

  /** Sixteen chains. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public int chain() {
    offer();
    int served = 0;
    queue.disableKicks();
    for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
      chain.read(0, bytes, 0, chain.readable());
      chain.write(0, bytes, 0, chain.writable());
      queue.push(chain, chain.writable());
      served++;
    }
    queue.publish();
    queue.enableKicks();
    if (served != SIZE) {
      throw new IllegalStateException("served " + served + " chains of " + SIZE);
    }
    return served;
  }

  /** The driver offers the same buffers again; in a packed ring their flags turn with each lap. */
  private void offer() {
    if (ring instanceof SplitTestRing split) {
      index = index + SIZE & 0xffff;
      split.setAvailableIndex(index);
      return;
    }
    guest.memory().write(ring.descriptors(), asAdded, 0, asAdded.length);
    for (int i = 0; odd && i < SIZE; i++) {
      guest.memory().storeU16(ring.descriptors() + 16L * i + 14, 0x8000 | 4);
    }
    odd = !odd;
  }
}
