package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.util.Arrays;

/**
 * A descriptor chain of a ring, copied out of guest memory once, so that what was checked is what
 * is used. Its segments lie in RAM: that too was checked when they were added.
 */
final class RingChain implements DescriptorChain {
  private final GuestMemory memory;
  private int head;
  private int entries;
  private long[] addresses = new long[8];
  private int[] lengths = new int[8];
  private int segments;
  private int readableSegments;
  private int readable;
  private int writable;

  RingChain(GuestMemory memory) {
    this.memory = memory;
  }

  @Override
  public int head() {
    return head;
  }

  @Override
  public int readable() {
    return readable;
  }

  @Override
  public int writable() {
    return writable;
  }

  @Override
  public void read(int from, byte[] into, int offset, int length) {
    requireInside("read", from, length, readable);
    int skip = from;
    int done = 0;
    for (int i = 0; done < length; i++) {
      int here = Math.min(lengths[i] - skip, length - done);
      if (here > 0) {
        memory.read(addresses[i] + skip, into, offset + done, here);
        done += here;
      }
      skip = Math.max(0, skip - lengths[i]);
    }
  }

  @Override
  public void write(int to, byte[] source, int offset, int length) {
    requireInside("write", to, length, writable);
    int skip = to;
    int done = 0;
    for (int i = readableSegments; done < length; i++) {
      int here = Math.min(lengths[i] - skip, length - done);
      if (here > 0) {
        memory.write(addresses[i] + skip, source, offset + done, here);
        done += here;
      }
      skip = Math.max(0, skip - lengths[i]);
    }
  }

  /** Entries of the ring that the chain takes; known for packed rings only. */
  int entries() {
    return entries;
  }

  /** A packed ring names a chain in its last descriptor (virtio 1.2, 2.8.6). */
  void identify(int bufferId, int ringEntries) {
    head = bufferId;
    entries = ringEntries;
  }

  void begin(int headIndex) {
    head = headIndex;
    entries = 1;
    segments = 0;
    readableSegments = 0;
    readable = 0;
    writable = 0;
  }

  /** Adds a buffer of {@code length} (unsigned 32 bits) bytes; checks order, place and total. */
  void add(long address, long length, boolean deviceWrites) {
    if (!deviceWrites && segments > readableSegments) {
      throw new VirtioFault("chain " + head + " has a readable buffer after a writable one");
    }
    if (readable + (long) writable + length > Integer.MAX_VALUE) {
      throw new VirtioFault("chain " + head + " is longer than 2^31 bytes");
    }
    GuestMemory.Mapping mapping = memory.lookup(address, length);
    if (mapping == null || deviceWrites && !mapping.writable()) {
      throw new VirtioFault(
          "chain %d has a %s buffer at 0x%x, %d bytes, that is not in RAM"
              .formatted(head, deviceWrites ? "writable" : "readable", address, length));
    }
    append(address, (int) length, deviceWrites);
  }

  private void append(long address, int length, boolean deviceWrites) {
    if (segments == lengths.length) {
      addresses = Arrays.copyOf(addresses, 2 * segments);
      lengths = Arrays.copyOf(lengths, 2 * segments);
    }
    addresses[segments] = address;
    lengths[segments++] = length;
    if (deviceWrites) {
      writable += length;
    } else {
      readable += length;
      readableSegments++;
    }
  }

  private static void requireInside(String what, int from, int length, int limit) {
    if (from < 0 || length < 0 || from > limit - length) {
      throw new IndexOutOfBoundsException(
          "%s of [%d, +%d) in a chain of %d bytes".formatted(what, from, length, limit));
    }
  }
}
