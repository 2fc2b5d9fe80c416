package handover.migration;

import handover.vmstate.StreamException;
import handover.vmstate.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Bytes on their way out, gathered in one large buffer. One thread writes. */
final class StreamOutput {
  /** Where bytes go. */
  @FunctionalInterface
  interface Target {
    /** Like {@link java.nio.channels.WritableByteChannel#write}. */
    int write(ByteBuffer from) throws IOException;

    /** Writes from the first of two, then from the second; not all of it, perhaps. */
    default long write(ByteBuffer[] two) throws IOException {
      return write(two[0].hasRemaining() ? two[0] : two[1]);
    }
  }

  /** From here on a piece of guest memory is worth a call of its own. */
  private static final int LONG = 64 << 10;

  private final Target target;
  private final ByteBuffer buffer;
  private final MemorySegment bytes;
  private final ByteBuffer[] both = new ByteBuffer[2];
  private long flushed;

  StreamOutput(Target target, int capacity) {
    this.target = target;
    this.buffer = ByteBuffer.allocateDirect(capacity);
    this.bytes = MemorySegment.ofBuffer(buffer);
  }

  /** Bytes accepted so far. */
  long position() {
    return flushed + buffer.position();
  }

  void u8(int value) {
    reserve(1);
    buffer.put((byte) value);
  }

  void u16(int value) {
    reserve(2);
    buffer.putShort((short) value);
  }

  void u32(int value) {
    reserve(4);
    buffer.putInt(value);
  }

  void u64(long value) {
    reserve(8);
    buffer.putLong(value);
  }

  void bytes(byte[] source, int offset, int count) {
    int done = 0;
    while (done < count) {
      reserve(1);
      int now = Math.min(count - done, buffer.remaining());
      buffer.put(source, offset + done, now);
      done += now;
    }
  }

  /** Everything {@code content} holds. */
  void append(WireWriter content) {
    bytes(content.array(), 0, content.length());
  }

  /** A 64-bit value, then a piece of guest memory, no more than the buffer holds. */
  void u64AndCopy(long value, MemorySegment source, long offset, int length) {
    reserve(8 + length);
    buffer.putLong(value);
    copy(source, offset, length);
  }

  /** A piece of guest memory, no more than the buffer holds. */
  void copy(MemorySegment source, long offset, int length) {
    reserve(length);
    MemorySegment.copy(source, offset, bytes, buffer.position(), length);
    buffer.position(buffer.position() + length);
  }

  /**
   * Pages of guest memory, no more than the buffer holds. Many go to the kernel from where they
   * are: what the guest writes there meanwhile is dirty, and sent once more.
   */
  void pages(MemorySegment source, long offset, int length) {
    if (length < LONG) {
      copy(source, offset, length);
    } else {
      flush(source.asSlice(offset, length).asByteBuffer());
    }
  }

  /** Hands everything to the kernel. */
  void flush() {
    buffer.flip();
    flushed += buffer.limit();
    try {
      while (buffer.hasRemaining()) {
        target.write(buffer);
      }
    } catch (IOException e) {
      throw failed(buffer.remaining(), e);
    } finally {
      buffer.clear();
    }
  }

  /** Hands everything and {@code more} to the kernel. */
  private void flush(ByteBuffer more) {
    both[0] = buffer.flip();
    both[1] = more;
    flushed += buffer.limit() + more.limit();
    try {
      while (more.hasRemaining()) {
        target.write(both);
      }
    } catch (IOException e) {
      throw failed(buffer.remaining() + more.remaining(), e);
    } finally {
      buffer.clear();
    }
  }

  private StreamException failed(int left, IOException e) {
    return new StreamException(
        "sending the stream failed at byte %d: %s".formatted(flushed - left, e.getMessage()), e);
  }

  private void reserve(int count) {
    if (buffer.remaining() < count) {
      flush();
    }
  }
}
