package handover.devices;

/** A bounded queue of bytes between two threads. */
final class ByteRing {
  private final byte[] bytes;
  private int head;
  private int count;
  private long dropped;
  private boolean closed;

  ByteRing(int capacity) {
    bytes = new byte[capacity];
  }

  /** Adds a byte; when full, the oldest is lost. */
  synchronized void push(int value) {
    if (count == bytes.length) {
      head = index(1);
      count--;
      dropped++;
    }
    bytes[index(count++)] = (byte) value;
    notifyAll();
  }

  /** Adds a byte when there is room, waiting for it; false if closed meanwhile. */
  synchronized boolean put(int value) throws InterruptedException {
    while (count == bytes.length && !closed) {
      wait();
    }
    if (closed) {
      return false;
    }
    push(value);
    return true;
  }

  /** Takes the oldest byte; -1 if there is none. */
  synchronized int poll() {
    if (count == 0) {
      return -1;
    }
    int value = bytes[head] & 0xff;
    head = index(1);
    count--;
    notifyAll();
    return value;
  }

  /** Takes up to {@code into.length} bytes, waiting for the first; 0 once closed and empty. */
  synchronized int take(byte[] into) throws InterruptedException {
    while (count == 0 && !closed) {
      wait();
    }
    return drain(into);
  }

  /** Takes up to {@code into.length} bytes without waiting. */
  synchronized int drain(byte[] into) {
    int taken = Math.min(count, into.length);
    for (int i = 0; i < taken; i++) {
      into[i] = bytes[index(i)];
    }
    head = index(taken);
    count -= taken;
    notifyAll();
    return taken;
  }

  /** How many bytes were lost so far. */
  synchronized long dropped() {
    return dropped;
  }

  /** Ends all waiting. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  private int index(int offset) {
    return (head + offset) % bytes.length;
  }
}
