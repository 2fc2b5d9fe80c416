package handover.diagnosis.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/** A stream's device state for a second look: a file's bytes, or what was kept of a pipe. */
public interface Payloads {
  /**
   * The bytes from {@code position} of the stream on.
   *
   * @return at most {@code length}; fewer where the stream ended or nothing was kept
   */
  InputStream from(long position, long length) throws IOException;

  /** Those of a file, whose own position is left alone. */
  static Payloads of(FileChannel file) {
    return (position, length) -> Channels.newInputStream(new Region(file, position, length));
  }

  /** Part of a file. */
  final class Region implements ReadableByteChannel {
    private final FileChannel file;
    private final long end;
    private long next;

    Region(FileChannel file, long position, long length) {
      this.file = file;
      this.next = position;
      this.end = position + length;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (next >= end) {
        return -1;
      }
      ByteBuffer window = into.duplicate();
      window.limit(into.position() + (int) Math.min(into.remaining(), end - next));
      int got = file.read(window, next);
      if (got > 0) {
        into.position(into.position() + got);
        next += got;
      }
      return got;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() {
      // The file is another's.
    }
  }
}
