package handover.diagnosis.translate;

import handover.diagnosis.stream.StreamCursor;
import handover.vmstate.StreamException;
import handover.vmstate.WireWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** The stream being written, in large pieces. */
final class StreamSink implements StreamCursor.Sink {
  private static final int PIECE = 1 << 20;

  private final WritableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
  private long written;

  StreamSink(WritableByteChannel channel) {
    this.channel = channel;
  }

  /** Bytes so far. */
  long position() {
    return written + buffer.position();
  }

  void u8(int value) {
    room(1).put((byte) value);
  }

  void u32(int value) {
    room(4).putInt(value);
  }

  void u64(long value) {
    room(8).putLong(value);
  }

  void bytes(byte[] bytes, int count) {
    append(0, ByteBuffer.wrap(bytes, 0, count));
  }

  void write(WireWriter content) {
    bytes(content.array(), content.length());
  }

  @Override
  public void append(long position, ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      room(1);
      int count = Math.min(bytes.remaining(), buffer.remaining());
      buffer.put(buffer.position(), bytes, bytes.position(), count);
      buffer.position(buffer.position() + count);
      bytes.position(bytes.position() + count);
    }
  }

  private ByteBuffer room(int count) {
    if (buffer.remaining() < count) {
      flush();
    }
    return buffer;
  }

  /** Hands everything over. */
  void flush() {
    buffer.flip();
    try {
      while (buffer.hasRemaining()) {
        written += channel.write(buffer);
      }
    } catch (IOException e) {
      throw new StreamException("writing failed at byte %d: %s".formatted(written, e), e);
    }
    buffer.clear();
  }
}
