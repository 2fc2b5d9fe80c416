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
  }

  private final Target target;
  private final ByteBuffer buffer;
  private final MemorySegment bytes;
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

  /** Hands everything to the kernel. */
  void flush() {
    buffer.flip();
    flushed += buffer.limit();
    try {
      while (buffer.hasRemaining()) {
        target.write(buffer);
      }
    } catch (IOException e) {
      throw new StreamException(
          "sending the stream failed at byte %d: %s"
              .formatted(flushed - buffer.remaining(), e.getMessage()),
          e);
    } finally {
      buffer.clear();
    }
  }

  private void reserve(int count) {
    if (buffer.remaining() < count) {
      flush();
    }
  }
}
