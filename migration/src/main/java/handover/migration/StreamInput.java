package handover.migration;

import handover.vmstate.StreamException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Buffered bytes of a connection, with a path for guest pages that copies them once. */
final class StreamInput extends InputStream {
  /** Where bytes come from. */
  @FunctionalInterface
  interface Origin {
    /** Like {@link java.nio.channels.ReadableByteChannel#read}. */
    int read(ByteBuffer into) throws IOException;
  }

  private final Origin origin;
  private final ByteBuffer buffer;
  private final MemorySegment bytes;
  private long filled;
  private boolean broken;

  StreamInput(Origin origin, int capacity) {
    this.origin = origin;
    this.buffer = ByteBuffer.allocateDirect(capacity);
    this.bytes = MemorySegment.ofBuffer(buffer);
    buffer.limit(0);
  }

  /** Bytes taken so far. */
  long position() {
    return filled - buffer.remaining();
  }

  /** Whether the connection ended or failed; nothing more will come. */
  boolean broken() {
    return broken;
  }

  @Override
  public int read() throws IOException {
    return buffer.hasRemaining() || fill() ? buffer.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!buffer.hasRemaining() && !fill()) {
      return -1;
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(into, offset, count);
    return count;
  }

  /** A big-endian 64-bit value, or a {@link StreamException} at the end. */
  long u64() {
    require(8);
    return buffer.getLong();
  }

  /** An unsigned byte, or a {@link StreamException} at the end. */
  int u8() {
    require(1);
    return buffer.get() & 0xff;
  }

  /** Exactly {@code length} bytes, no more than the buffer holds, straight into guest memory. */
  void copyTo(MemorySegment target, long offset, int length) {
    require(length);
    MemorySegment.copy(bytes, buffer.position(), target, offset, length);
    buffer.position(buffer.position() + length);
  }

  private void require(int count) {
    if (buffer.remaining() >= count) {
      return;
    }
    try {
      long gone = filled - buffer.remaining();
      buffer.compact();
      while (buffer.position() < count) {
        if (receive() < 0) {
          buffer.flip();
          throw new StreamException("the stream was cut off at byte " + (gone + buffer.limit()));
        }
      }
      buffer.flip();
      filled = gone + buffer.limit();
    } catch (IOException e) {
      buffer.limit(0);
      throw new StreamException(
          "reading the stream failed at byte %d: %s".formatted(position(), e.getMessage()), e);
    }
  }

  private boolean fill() throws IOException {
    buffer.clear();
    int count;
    try {
      count = receive();
    } finally {
      buffer.flip();
    }
    filled += Math.max(count, 0);
    return count > 0;
  }

  private int receive() throws IOException {
    broken = true;
    int count = origin.read(buffer);
    broken = count < 0;
    return count;
  }
}
