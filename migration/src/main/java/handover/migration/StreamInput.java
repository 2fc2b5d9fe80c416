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

    /** Reads into the first of two until it is full, then into the second; or -1 at the end. */
    default long read(ByteBuffer[] two) throws IOException {
      return read(two[0].hasRemaining() ? two[0] : two[1]);
    }
  }

  /** From here on a piece of guest memory is worth calls of its own. */
  private static final int LONG = 64 << 10;

  /** What may come along with one: the head of the next, and little that is to be copied. */
  private static final int AHEAD = 4 << 10;

  private final Origin origin;
  private final ByteBuffer buffer;
  private final MemorySegment bytes;
  private final ByteBuffer[] both = new ByteBuffer[2];
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

  /** Passes over a 64-bit value and a byte if exactly these are the next that have come. */
  boolean skip(long value, byte behind) {
    int at = buffer.position();
    boolean next =
        buffer.remaining() > Long.BYTES
            && buffer.getLong(at) == value
            && buffer.get(at + Long.BYTES) == behind;
    if (next) {
      buffer.position(at + Long.BYTES + 1);
    }
    return next;
  }

  /** Exactly {@code length} bytes, no more than the buffer holds, straight into guest memory. */
  void copyTo(MemorySegment target, long offset, int length) {
    require(length);
    MemorySegment.copy(bytes, buffer.position(), target, offset, length);
    buffer.position(buffer.position() + length);
  }

  /**
   * Exactly {@code length} bytes into guest memory. A short piece is written when all of it is
   * here; of a long one that is cut off, the beginning has been written.
   */
  void pages(MemorySegment target, long offset, int length) {
    int known = Math.min(length, buffer.remaining());
    if (length < LONG) {
      copyTo(target, offset, length);
    } else {
      copyTo(target, offset, known);
      straight(target.asSlice(offset + known, length - known).asByteBuffer());
    }
  }

  /** Fills {@code piece}; the buffer is empty, or there is nothing to fill. */
  private void straight(ByteBuffer piece) {
    if (!piece.hasRemaining()) {
      return;
    }
    both[0] = piece;
    both[1] = buffer.clear().limit(AHEAD);
    try {
      while (piece.hasRemaining()) {
        if (receiveBoth() < 0) {
          throw new StreamException("the stream was cut off at byte " + filled);
        }
      }
    } catch (IOException e) {
      throw failed(e);
    } finally {
      buffer.flip();
    }
  }

  private long receiveBoth() throws IOException {
    broken = true;
    long count = origin.read(both);
    broken = count < 0;
    filled += Math.max(count, 0);
    return count;
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
      throw failed(e);
    }
  }

  private StreamException failed(IOException e) {
    return new StreamException(
        "reading the stream failed at byte %d: %s".formatted(position(), e.getMessage()), e);
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
