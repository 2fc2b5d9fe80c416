package handover.devices.virtio.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** One's complement sums (RFC 1071), and big-endian access to packet fields. */
final class InternetChecksum {
  private static final VarHandle LONG = view(long[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle SHORT = view(short[].class);

  private InternetChecksum() {}

  /** The sum of the bytes as 16-bit words, not folded; an odd last byte counts as the high one. */
  static long sum(byte[] bytes, int offset, int length) {
    long sum = 0;
    int i = offset;
    int end = offset + length;
    for (; i + 8 <= end; i += 8) {
      long word = (long) LONG.get(bytes, i);
      sum += (word >>> 32) + (word & 0xffff_ffffL);
    }
    for (; i + 2 <= end; i += 2) {
      sum += u16(bytes, i);
    }
    return i < end ? sum + ((bytes[i] & 0xffL) << 8) : sum;
  }

  /** Folds a sum to 16 bits and complements it: the value of a checksum field. */
  static int finish(long sum) {
    long folded = (sum >>> 32) + (sum & 0xffff_ffffL);
    while (folded >>> 16 != 0) {
      folded = (folded >>> 16) + (folded & 0xffff);
    }
    return (int) ~folded & 0xffff;
  }

  static int u16(byte[] bytes, int offset) {
    return (short) SHORT.get(bytes, offset) & 0xffff;
  }

  static void u16(byte[] bytes, int offset, int value) {
    SHORT.set(bytes, offset, (short) value);
  }

  static int u32(byte[] bytes, int offset) {
    return (int) INT.get(bytes, offset);
  }

  static void u32(byte[] bytes, int offset, int value) {
    INT.set(bytes, offset, value);
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.BIG_ENDIAN);
  }
}
