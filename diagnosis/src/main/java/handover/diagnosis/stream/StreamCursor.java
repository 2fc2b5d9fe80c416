package handover.diagnosis.stream;

import handover.vmstate.StreamFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;

/**
 * A stream's bytes in order, read in large pieces, with sight of what comes next. What is passed
 * over is not copied, and in a file not even read where it is long. While {@link #keep} is given,
 * what goes by is also put there: a pipe cannot be read twice.
 */
public final class StreamCursor extends InputStream {
  /** Takes what goes by. */
  public interface Sink {
    /** Takes all that remains in {@code bytes}, which stands at {@code position} in the stream. */
    void append(long position, ByteBuffer bytes);
  }

  private static final int PIECE = 1 << 20;

  /** A section header with the longest name, behind a footer. */
  private static final int SIGHT = 5 + 5 + 1 + 255;

  private final ReadableByteChannel channel;
  private final Optional<SeekableByteChannel> file;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE).limit(0);
  private Optional<? extends Sink> keep = Optional.empty();
  private long position;

  private StreamCursor(ReadableByteChannel channel, Optional<SeekableByteChannel> file) {
    this.channel = channel;
    this.file = file;
  }

  /** Of a file, from where it stands. */
  public static StreamCursor of(SeekableByteChannel file) {
    return new StreamCursor(file, Optional.of(file));
  }

  /** Of what can only be read on; a channel of standard input need not be a file. */
  public static StreamCursor ofPipe(ReadableByteChannel pipe) {
    return new StreamCursor(pipe, Optional.empty());
  }

  /** From now on, what is read or passed also goes into {@code sink}; empty ends that. */
  public void keep(Optional<? extends Sink> sink) {
    keep = sink;
  }

  /** Whether at least {@code count} more bytes exist, at most {@value #SIGHT}. */
  private boolean see(int count) throws IOException {
    while (buffer.remaining() < count) {
      buffer.compact();
      int got = channel.read(buffer);
      buffer.flip();
      if (got < 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int read() throws IOException {
    if (!see(1)) {
      return -1;
    }
    byte[] one = new byte[1];
    var unused = read(one, 0, 1);
    return one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (!see(1)) {
      return -1;
    }
    int taken = Math.min(count, buffer.remaining());
    buffer.get(buffer.position(), into, offset, taken);
    advance(taken);
    return taken;
  }

  /** Passes over {@code count} bytes, or as many as there are; says how many. */
  public long pass(long count) throws IOException {
    long left = count;
    while (left > 0) {
      if (left > buffer.remaining() && keep.isEmpty() && file.isPresent()) {
        return count - left + seek(file.get(), left);
      }
      if (!see(1)) {
        break;
      }
      int taken = (int) Math.min(left, buffer.remaining());
      advance(taken);
      left -= taken;
    }
    return count - left;
  }

  /**
   * Passes over RAM records that are wholly in the buffer: a u64 of page offset and flags, then
   * {@code bytes} more. Ends at the first with other flags, or an offset beyond the block.
   *
   * @return how many
   */
  int passRecords(int flags, int bytes, long pageSize, long blockBytes) {
    int width = Long.BYTES + bytes;
    int first = buffer.position();
    int at = first;
    while (keep.isEmpty() && buffer.limit() - at >= width) {
      long offset = buffer.getLong(at) ^ flags;
      if ((offset & pageSize - 1) != 0 || Long.compareUnsigned(offset, blockBytes) >= 0) {
        break;
      }
      at += width;
    }
    buffer.position(at);
    position += at - first;
    return (at - first) / width;
  }

  private long seek(SeekableByteChannel file, long count) throws IOException {
    long there = file.position() - buffer.remaining();
    long passed = Math.min(count, Math.max(0, file.size() - there));
    buffer.limit(0);
    file.position(there + passed);
    position += passed;
    return passed;
  }

  private void advance(int count) {
    int next = buffer.position() + count;
    if (keep.isPresent()) {
      int limit = buffer.limit();
      keep.get().append(position, buffer.limit(next));
      buffer.limit(limit);
    }
    buffer.position(next);
    position += count;
  }

  /**
   * Passes over everything up to the footer of section {@code id} that something plausible follows:
   * where nothing tells a payload's length, this is its end.
   *
   * @return the bytes passed; negative, less one, if the stream ended first
   */
  public long passToFooter(int id) throws IOException {
    long passed = 0;
    while (see(5)) {
      // A footer whose successor is out of sight for now is looked at again with more in the
      // buffer.
      boolean whole = see(SIGHT);
      int at = buffer.position();
      int last = buffer.limit() - (whole ? SIGHT : 5);
      int found = at;
      while (found <= last && !footerAt(found, id)) {
        found++;
      }
      advance(found - at);
      passed += found - at;
      if (found <= last) {
        return passed;
      }
    }
    passed += pass(Long.MAX_VALUE >> 1);
    return -passed - 1;
  }

  private boolean footerAt(int at, int id) {
    return buffer.get(at) == StreamFormat.SECTION_FOOTER
        && buffer.getInt(at + 1) == id
        && boundary(at + 5);
  }

  /** Whether what stands here can follow a section. */
  private boolean boundary(int at) {
    int left = buffer.limit() - at;
    if (left == 0) {
      return true;
    }
    return switch (buffer.get(at)) {
      case StreamFormat.EOF ->
          left < 2
              || buffer.get(at + 1) == StreamFormat.VMDESCRIPTION
              || buffer.get(at + 1) == StreamFormat.COMMAND;
      case StreamFormat.SECTION_START, StreamFormat.SECTION_FULL -> named(at, left);
      case StreamFormat.SECTION_PART, StreamFormat.SECTION_END -> true;
      case StreamFormat.COMMAND -> left < 3 || buffer.getShort(at + 1) != 0;
      default -> false;
    };
  }

  private boolean named(int at, int left) {
    if (left < 7) {
      return true;
    }
    int length = Math.min(buffer.get(at + 5) & 0xff, left - 6);
    for (int i = 0; i < length; i++) {
      byte letter = buffer.get(at + 6 + i);
      if (letter < 0x20 || letter == 0x7f) {
        return false;
      }
    }
    return length > 0;
  }
}
