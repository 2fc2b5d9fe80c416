package handover.devices.virtio.net;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Received frames that wait for buffers, or for a paused machine to run again. Bounded in frames
 * and bytes, allocated once; what does not fit is dropped, as a full network card would.
 *
 * <p>Any thread may {@link #offer}; one at a time takes.
 */
final class PendingFrames {
  /**
   * Half a second of 20,000 small frames/s is meant to fit: a guest that has moved is slow at
   * first.
   */
  static final int FRAMES = 10_240;

  private static final int BYTES = 1 << 20;

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

  /** Takes the oldest out: at least one if there is any, and no more than {@code mostBytes}. */
  synchronized List<byte[]> drain(int mostBytes) {
    List<byte[]> taken = new ArrayList<>();
    long left = mostBytes;
    while (count > 0 && (taken.isEmpty() || lengths[first] <= left)) {
      left -= lengths[first];
      taken.add(copy(0));
      remove();
    }
    return taken;
  }

  /** All frames, oldest first; they stay. */
  synchronized List<byte[]> copies() {
    List<byte[]> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(copy(i));
    }
    return all;
  }

  /** Puts frames before the others; the youngest are dropped if there is no room for all. */
  synchronized void prepend(List<byte[]> frames) {
    List<byte[]> all = new ArrayList<>(frames);
    all.addAll(drain(Integer.MAX_VALUE));
    all.forEach(frame -> offer(frame, 0, frame.length));
  }

  /** Removes the first {@code most} frames of a kind. */
  synchronized void removeFirst(int most, Predicate<byte[]> kind) {
    int left = most;
    for (byte[] frame : left == 0 ? List.<byte[]>of() : drain(Integer.MAX_VALUE)) {
      if (left > 0 && kind.test(frame)) {
        left--;
      } else {
        offer(frame, 0, frame.length);
      }
    }
  }

  private byte[] copy(int index) {
    int slot = (first + index) % FRAMES;
    byte[] frame = new byte[lengths[slot]];
    System.arraycopy(bytes, starts[slot], frame, 0, frame.length);
    return frame;
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
