package handover.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Waits for any of several file descriptors: Linux's {@code poll(2)}. Used by one thread. */
public final class DescriptorPoll {
  private static final int READABLE = 1;
  private static final int PEER_GONE = 0x2000;
  private static final int FAILED = 0x8 | 0x10 | 0x20 | PEER_GONE;

  private static final long ENTRY = 8;
  private static final long EVENTS_AT = 4;
  private static final long RETURNED_AT = 6;

  private final int capacity;
  private final MemorySegment entries;
  private int count;

  /** Room for so many descriptors. */
  public DescriptorPoll(int capacity) {
    this.capacity = capacity;
    this.entries = Arena.ofAuto().allocate(ENTRY * capacity, ENTRY);
  }

  /** Begins a new set. */
  public void clear() {
    count = 0;
  }

  /** Adds a descriptor to wait for until it can be read; returns its place in the set. */
  public int readable(int fd) {
    return add(fd, READABLE);
  }

  /** Adds a socket of which only the end matters; returns its place in the set. */
  public int end(int fd) {
    return add(fd, PEER_GONE);
  }

  private int add(int fd, int events) {
    if (count == capacity) {
      throw new IllegalStateException("more than " + capacity + " descriptors");
    }
    entries.set(ValueLayout.JAVA_INT, ENTRY * count, fd);
    entries.set(ValueLayout.JAVA_SHORT, ENTRY * count + EVENTS_AT, (short) events);
    entries.set(ValueLayout.JAVA_SHORT, ENTRY * count + RETURNED_AT, (short) 0);
    return count++;
  }

  /**
   * Waits.
   *
   * @param millis longest time, or -1 for any
   * @return whether something happened
   */
  public boolean await(int millis) throws IOException {
    int ready = Libc.poll(entries, count, millis);
    return ready != -Libc.EINTR && Libc.require("poll", ready) > 0;
  }

  /** Whether the descriptor at {@code place} can be read. */
  public boolean isReadable(int place) {
    return (returned(place) & READABLE) != 0;
  }

  /** Whether the other side of the socket at {@code place} is gone. */
  public boolean hasEnded(int place) {
    return (returned(place) & FAILED) != 0;
  }

  private int returned(int place) {
    return entries.get(ValueLayout.JAVA_SHORT, ENTRY * place + RETURNED_AT);
  }
}
