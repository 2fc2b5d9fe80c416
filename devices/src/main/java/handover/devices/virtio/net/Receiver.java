package handover.devices.virtio.net;

import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.VirtioFault;
import handover.devices.virtio.Virtqueue;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntFunction;

/**
 * Moves frames from the wire into receive queues. {@link #offer} may be called by any thread, the
 * rest under the device's lock.
 */
final class Receiver {
  /** Frames of one visit, so that the lock is free again soon. */
  private static final int FRAMES = 64;

  private enum Outcome {
    DELIVERED,
    DROPPED,
    NO_BUFFERS
  }

  private final NetControl control;
  private final CarriedFrames frames = new CarriedFrames();
  private PendingFrames pending = frames.next();
  private final PacketHash hash = new PacketHash();

  /** Queues with something to publish. */
  private final int[] touched = new int[FRAMES];

  private final BitSet isTouched;
  private int touchedCount;
  private final byte[] header = new byte[NetHeader.HASH_BYTES];
  private DescriptorChain[] chains = new DescriptorChain[64];
  private volatile boolean open;
  private long delivered;
  private long dropped;

  Receiver(NetControl control) {
    this.control = control;
    this.isTouched = new BitSet(control.coalescing.packets.length);
  }

  /** There is a driver that wants frames. */
  void open() {
    open = true;
  }

  /** There is none any more. */
  void close() {
    open = false;
    frames.clear();
  }

  /** A frame came; false if there is no driver, or too much waits already. */
  boolean offer(byte[] frame, int offset, int length) {
    return frames.offer(frame, offset, length, open, control);
  }

  /** A frame that follows the guest; true if it needs not come again. */
  boolean carried(byte[] frame) {
    return !open || frames.add(frame);
  }

  /** Where received frames wait. */
  CarriedFrames frames() {
    return frames;
  }

  /** Frames the driver got. */
  long delivered() {
    return delivered;
  }

  /** Frames that no buffer of the driver could hold. */
  long dropped() {
    return dropped;
  }

  /** Gives waiting frames to the driver; true if there is more to do at once. */
  boolean run(IntFunction<Virtqueue> queues, long features, boolean linkUp) {
    boolean more = true;
    for (int i = 0; more && i < FRAMES; i++) {
      more = next(queues, features, linkUp);
    }
    for (; touchedCount > 0; touchedCount--) {
      int queue = touched[touchedCount - 1];
      isTouched.clear(queue);
      queues.apply(queue).publish();
    }
    return more;
  }

  /** One frame; false if there is none, or no buffer for it. */
  private boolean next(IntFunction<Virtqueue> queues, long features, boolean linkUp) {
    pending = frames.next();
    int at = pending.peek();
    if (at < 0) {
      return false;
    }
    int length = pending.length();
    if (linkUp && control.accepts(pending.array(), at)) {
      Virtqueue queue = choose(queues, at, length);
      Outcome outcome = deliver(queue, at, length, features);
      if (outcome == Outcome.NO_BUFFERS && queue.enableKicks()) {
        outcome = deliver(queue, at, length, features);
      }
      if (outcome == Outcome.NO_BUFFERS) {
        return false;
      }
      queue.disableKicks();
      touch(queue.index());
      count(outcome);
    }
    pending.remove();
    return true;
  }

  private void touch(int queue) {
    if (!isTouched.get(queue)) {
      isTouched.set(queue);
      touched[touchedCount++] = queue;
    }
  }

  private void count(Outcome outcome) {
    if (outcome == Outcome.DELIVERED) {
      delivered++;
    } else {
      dropped++;
    }
  }

  /** The queue of the frame's flow; a driver may have set up fewer than it asked for. */
  private Virtqueue choose(IntFunction<Virtqueue> queues, int at, int length) {
    int pair = 0;
    if (control.rss.enabled) {
      hash.compute(pending.array(), at, length, control.rss);
      pair = control.rss.pair(hash.value(), hash.report());
    }
    if (!control.rss.redirect) {
      pair = FlowHash.pair(pending.array(), at, length, control.queuePairs);
    }
    // A table that another monitor accepted may name a pair that does not exist.
    if (2 * pair >= control.coalescing.packets.length) {
      return queues.apply(0);
    }
    Virtqueue queue = queues.apply(2 * pair);
    return queue.ready() ? queue : queues.apply(0);
  }

  private Outcome deliver(Virtqueue queue, int at, int length, long features) {
    if (!queue.ready()) {
      return Outcome.DROPPED;
    }
    int headerLength = Transmitter.headerLength(features);
    boolean mergeable = (features & NetFeatures.MRG_RXBUF) != 0;
    int needed = headerLength + length;
    int count = take(queue, needed, mergeable);
    if (count > 0) {
      fill(queue, count, headerLength, at, length);
      return Outcome.DELIVERED;
    }
    boolean neverFits = !mergeable || -count == queue.size();
    return count < 0 && neverFits ? Outcome.DROPPED : Outcome.NO_BUFFERS;
  }

  /**
   * Takes chains for {@code needed} bytes: one, or as many as it takes if they are mergeable.
   *
   * @return how many; or, negated, how many were not enough and have been put back
   */
  private int take(Virtqueue queue, int needed, boolean mergeable) {
    int count = 0;
    long room = 0;
    while (room < needed && (mergeable || count == 0)) {
      DescriptorChain chain = queue.pop();
      if (chain == null) {
        break;
      }
      if (count == chains.length) {
        chains = Arrays.copyOf(chains, 2 * count);
      }
      chains[count++] = chain;
      room += chain.writable();
    }
    if (room >= needed) {
      return count;
    }
    for (int i = count - 1; i >= 0; i--) {
      queue.unpop(chains[i]);
    }
    return -count;
  }

  private void fill(Virtqueue queue, int count, int headerLength, int at, int length) {
    if (chains[0].writable() < headerLength) {
      throw new VirtioFault(
          "a receive buffer of %d bytes has no room for the header of %d"
              .formatted(chains[0].writable(), headerLength));
    }
    header[NetHeader.NUM_BUFFERS] = (byte) count;
    header[NetHeader.NUM_BUFFERS + 1] = (byte) (count >> 8);
    if (headerLength == NetHeader.HASH_BYTES) {
      reportHash();
    }
    chains[0].write(0, header, 0, headerLength);
    int done = 0;
    for (int i = 0; i < count; i++) {
      int skip = i == 0 ? headerLength : 0;
      int here = Math.min(chains[i].writable() - skip, length - done);
      chains[i].write(skip, pending.array(), at + done, here);
      queue.push(chains[i], skip + here);
      done += here;
    }
  }

  private void reportHash() {
    boolean known = control.rss.report;
    int value = known ? hash.value() : 0;
    for (int i = 0; i < 4; i++) {
      header[NetHeader.HASH + i] = (byte) (value >>> 8 * i);
    }
    header[NetHeader.HASH + 4] = (byte) (known ? hash.report() : PacketHash.NONE);
  }
}
