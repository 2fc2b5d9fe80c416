package handover.vmstate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing buffer of big-endian values: what a section is assembled in before it is sent. */
public final class WireWriter {
  private byte[] bytes = new byte[256];
  private int length;

  /** Bytes written so far. */
  public int length() {
    return length;
  }

  /** Forgets everything written, keeping the buffer. */
  public void clear() {
    length = 0;
  }

  /** A copy of everything written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** Whether {@code other} is everything written. */
  boolean equalTo(byte[] other) {
    return Arrays.equals(bytes, 0, length, other, 0, other.length);
  }

  /** The backing array, valid up to {@link #length} until the next write. */
  public byte[] array() {
    return bytes;
  }

  /** Low 8 bits. */
  public void u8(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  /** Low 16 bits. */
  public void u16(int value) {
    reserve(2);
    BigEndian.SHORT.set(bytes, length, (short) value);
    length += 2;
  }

  /** 32 bits. */
  public void u32(int value) {
    reserve(4);
    BigEndian.INT.set(bytes, length, value);
    length += 4;
  }

  /** 64 bits. */
  public void u64(long value) {
    reserve(8);
    BigEndian.LONG.set(bytes, length, value);
    length += 8;
  }

  /** Raw bytes. */
  public void bytes(byte[] source) {
    bytes(source, 0, source.length);
  }

  /** Raw bytes. */
  public void bytes(byte[] source, int offset, int count) {
    reserve(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  /** {@code count} zero bytes. */
  public void zeros(int count) {
    reserve(count);
    Arrays.fill(bytes, length, length + count, (byte) 0);
    length += count;
  }

  /** A one-byte length, then that many bytes of UTF-8: QEMU's counted string. */
  public void counted(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > 255) {
      throw new IllegalArgumentException("longer than 255 bytes: " + text);
    }
    u8(utf8.length);
    bytes(utf8);
  }

  /** A two-byte length, then UTF-8, cut off at 65,535 bytes: the form of our own messages. */
  public void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int count = Math.min(utf8.length, 0xffff);
    u16(count);
    bytes(utf8, 0, count);
  }

  private void reserve(int count) {
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
  }
}
