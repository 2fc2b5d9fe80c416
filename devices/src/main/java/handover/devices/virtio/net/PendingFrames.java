package handover.devices.virtio.net;

import java.util.ArrayList;
import java.util.List;

/**
 * Received frames that wait for buffers, or for a paused machine to run again. Bounded in frames
 * and bytes, allocated once; what does not fit is dropped, as a full network card would.
 *
 * <p>Any thread may {@link #offer}; one at a time takes.
 */
final class PendingFrames {
  private static final int FRAMES = 256;
  private static final int BYTES = 512 << 10;

  private final byte[] bytes = new byte[BYTES];
  private final int[] starts = new int[FRAMES];
  private final int[] lengths = new int[FRAMES];
  private int first;
  private int count;
  private int end;

  /** Copies a frame in; false if there is no room. */
  synchronized boolean offer(byte[] frame, int offset, int length) {
    int start = room(length);
    if (start < 0) {
      return false;
    }
    System.arraycopy(frame, offset, bytes, start, length);
    int slot = (first + count) % FRAMES;
    starts[slot] = start;
    lengths[slot] = length;
    count++;
    end = start + length;
    return true;
  }

  /** The array that frames lie in. */
  byte[] array() {
    return bytes;
  }

  /** Offset of the oldest frame in {@link #array}, or -1 if there is none. */
  synchronized int peek() {
    return count == 0 ? -1 : starts[first];
  }

  /** Length of the oldest frame. */
  synchronized int length() {
    return lengths[first];
  }

  /** Lets go of the oldest frame. */
  synchronized void remove() {
    first = (first + 1) % FRAMES;
    count--;
  }

  synchronized int count() {
    return count;
  }

  synchronized void clear() {
    count = 0;
  }

  /** Takes everything out. */
  synchronized List<byte[]> drain() {
    List<byte[]> all = new ArrayList<>(count);
    for (; count > 0; remove()) {
      byte[] frame = new byte[lengths[first]];
      System.arraycopy(bytes, starts[first], frame, 0, frame.length);
      all.add(frame);
    }
    return all;
  }

  /** Where a frame can lie in one piece, or -1. */
  private int room(int length) {
    if (count == 0) {
      return length <= BYTES ? 0 : -1;
    }
    if (count == FRAMES) {
      return -1;
    }
    int oldest = starts[first];
    if (end > oldest) {
      if (end + length <= BYTES) {
        return end;
      }
      return length <= oldest ? 0 : -1;
    }
    return end + length <= oldest ? end : -1;
  }
}
