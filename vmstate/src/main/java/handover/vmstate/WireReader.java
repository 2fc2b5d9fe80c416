package handover.vmstate;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Big-endian values from a stream that nobody vouches for.
 *
 * <p>Every failure is a {@link StreamException} that says what was expected, what was found, at
 * which byte, and inside what.
 */
public final class WireReader {
  private static final int FIRST_GULP = 16 << 10;

  private final InputStream in;
  private final byte[] word = new byte[8];
  private final byte[] ahead = new byte[2 + 255];
  private int aheadNext;
  private int aheadEnd;
  private long position;
  private String context = "stream";

  /** Reads from {@code in}, which should be buffered. */
  public WireReader(InputStream in) {
    this.in = in;
  }

  /** Reads from an array. */
  public WireReader(byte[] bytes) {
    this(new java.io.ByteArrayInputStream(bytes));
  }

  /** Offset of the next byte from where reading began. */
  public long position() {
    return position;
  }

  /** Names what is being read, for error messages; returns the name it replaces. */
  public String enter(String newContext) {
    String old = context;
    context = newContext;
    return old;
  }

  /** Unsigned 8 bits. */
  public int u8() {
    fill(1);
    return word[0] & 0xff;
  }

  /** Unsigned 16 bits. */
  public int u16() {
    fill(2);
    return (short) BigEndian.SHORT.get(word, 0) & 0xffff;
  }

  /** 32 bits. */
  public int u32() {
    fill(4);
    return (int) BigEndian.INT.get(word, 0);
  }

  /** 64 bits. */
  public long u64() {
    fill(8);
    return (long) BigEndian.LONG.get(word, 0);
  }

  /**
   * Exactly {@code count} bytes. The array grows as they arrive, so that a count that lies costs no
   * more memory than was sent.
   */
  public byte[] bytes(int count) {
    byte[] bytes = new byte[Math.min(count, FIRST_GULP)];
    bytes(bytes, 0, bytes.length);
    while (bytes.length < count) {
      int have = bytes.length;
      bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * have));
      bytes(bytes, have, bytes.length - have);
    }
    return bytes;
  }

  /** Counts bytes that someone else took from the stream below, so that positions stay true. */
  public void passed(long count) {
    position += count;
  }

  /** Exactly {@code count} bytes into {@code into}. */
  public void bytes(byte[] into, int offset, int count) {
    try {
      int known = Math.min(count, aheadEnd - aheadNext);
      System.arraycopy(ahead, aheadNext, into, offset, known);
      aheadNext += known;
      int got = known + in.readNBytes(into, offset + known, count - known);
      position += got;
      if (got < count) {
        throw malformed(count + " more bytes", "the end after " + got);
      }
    } catch (EOFException e) {
      throw malformed(count + " more bytes", "the end");
    } catch (IOException e) {
      throw new StreamException(
          "%s: reading failed at byte %d: %s".formatted(context, position, e.getMessage()), e);
    }
  }

  /** QEMU's counted string: one length byte, then UTF-8. */
  public String counted() {
    return new String(bytes(u8()), StandardCharsets.UTF_8);
  }

  /** A two-byte length, then that many bytes of UTF-8: the form of our own messages. */
  public String text() {
    return new String(bytes(u16()), StandardCharsets.UTF_8);
  }

  /** The next byte without consuming it, or -1 at the end. */
  public int peek() {
    return lookAhead(1) ? ahead[aheadNext] & 0xff : -1;
  }

  /** The next 8 bytes as a number, without consuming them, or -1 if there are not so many. */
  public long peekU64() {
    if (!lookAhead(8)) {
      return -1;
    }
    return (long) BigEndian.LONG.get(ahead, aheadNext);
  }

  /**
   * The name of the subsection that begins here, if one does and it is one of {@code parent}'s (its
   * name is {@code parent/...}). Consumes nothing; looks no further ahead than that name.
   */
  public Optional<String> peekSubsection(String parent) {
    if (!lookAhead(1) || ahead[aheadNext] != StreamFormat.SUBSECTION || !lookAhead(2)) {
      return Optional.empty();
    }
    int length = ahead[aheadNext + 1] & 0xff;
    if (!lookAhead(2 + length)) {
      return Optional.empty();
    }
    String name = new String(ahead, aheadNext + 2, length, StandardCharsets.UTF_8);
    return Optional.of(name).filter(n -> n.startsWith(parent + "/"));
  }

  /** The error for a value that is not what the format allows here. */
  public StreamException malformed(String expected, String found) {
    return new StreamException(
        "%s: expected %s, found %s, at byte %d".formatted(context, expected, found, position));
  }

  /** Whether {@code count} bytes, at most a subsection's head, are left; keeps them for reading. */
  private boolean lookAhead(int count) {
    if (aheadEnd - aheadNext >= count) {
      return true;
    }
    try {
      System.arraycopy(ahead, aheadNext, ahead, 0, aheadEnd - aheadNext);
      aheadEnd -= aheadNext;
      aheadNext = 0;
      aheadEnd += in.readNBytes(ahead, aheadEnd, count - aheadEnd);
      return aheadEnd >= count;
    } catch (IOException e) {
      throw new StreamException(
          "%s: reading failed at byte %d: %s".formatted(context, position, e.getMessage()), e);
    }
  }

  private void fill(int count) {
    bytes(word, 0, count);
  }
}
