package handover.riscv;

import static handover.riscv.FloatingPoint.RNE;
import static handover.riscv.FloatingPoint.RTZ;
import static handover.riscv.FpFormat.BINARY32;
import static handover.riscv.FpFormat.BINARY64;

/**
 * {@code fcvt}: between the formats and to and from integers (RISC-V unprivileged, "F" and "D").
 *
 * <p>Integer results are as the integer register holds them: 32-bit ones sign-extended, unsigned
 * ones too. What does not fit saturates and raises NV alone; NaN counts as plus infinity.
 */
final class FpConversions {
  private static final double TWO_POW_31 = 0x1p31;
  private static final double TWO_POW_63 = 0x1p63;

  private FpConversions() {}

  /** {@code fcvt.s.d}. */
  static int doubleToSingle(long a, int mode, FpFlags flags) {
    double exact = Double.longBitsToDouble(a);
    float rounded = (float) exact;
    float magnitude = Math.abs(rounded);
    boolean plain = magnitude > Float.MIN_NORMAL && magnitude <= Float.MAX_VALUE;
    if (mode != RNE || !(plain || exact == 0)) {
      return (int) convert(BINARY64, BINARY32, a, mode, flags);
    }
    if (rounded != exact) {
      flags.raise(FpFlags.NX);
    }
    return Float.floatToRawIntBits(rounded);
  }

  /** {@code fcvt.d.s}: always exact. */
  static long singleToDouble(int a, FpFlags flags) {
    return Binary32.isNaN(a)
        ? SoftFloat.quiet(BINARY64, Binary32.isSignallingNaN(a), flags)
        : Double.doubleToRawLongBits(Float.intBitsToFloat(a));
  }

  /** {@code fcvt.d.w}. */
  static long wordToDouble(int word) {
    return Double.doubleToRawLongBits(word);
  }

  /** {@code fcvt.d.wu}. */
  static long unsignedWordToDouble(int word) {
    return Double.doubleToRawLongBits((double) Integer.toUnsignedLong(word));
  }

  /** {@code fcvt.d.l}. */
  static long longToDouble(long value, int mode, FpFlags flags) {
    double rounded = (double) value;
    // The largest longs round to 2^63, which a cast brings back to a long without complaint.
    return rounded != TWO_POW_63 && (long) rounded == value
        ? Double.doubleToRawLongBits(rounded)
        : fromLong(BINARY64, value, mode, flags);
  }

  /** {@code fcvt.d.lu}. */
  static long unsignedLongToDouble(long value, int mode, FpFlags flags) {
    return value >= 0
        ? longToDouble(value, mode, flags)
        : fromMagnitude(BINARY64, 0, value, mode, flags);
  }

  /** {@code fcvt.s.w}. */
  static int wordToSingle(int word, int mode, FpFlags flags) {
    return longToSingle(word, mode, flags);
  }

  /** {@code fcvt.s.wu}. */
  static int unsignedWordToSingle(int word, int mode, FpFlags flags) {
    return longToSingle(Integer.toUnsignedLong(word), mode, flags);
  }

  /** {@code fcvt.s.l}. */
  static int longToSingle(long value, int mode, FpFlags flags) {
    float rounded = (float) value;
    return rounded != (float) TWO_POW_63 && (long) rounded == value
        ? Float.floatToRawIntBits(rounded)
        : (int) fromLong(BINARY32, value, mode, flags);
  }

  /** {@code fcvt.s.lu}. */
  static int unsignedLongToSingle(long value, int mode, FpFlags flags) {
    return value >= 0
        ? longToSingle(value, mode, flags)
        : (int) fromMagnitude(BINARY32, 0, value, mode, flags);
  }

  /** {@code fcvt.w.d}. */
  static long doubleToWord(long a, int mode, FpFlags flags) {
    double value = Double.longBitsToDouble(a);
    if (mode == RTZ && Math.abs(value) < TWO_POW_31) {
      return truncated((int) value, value, flags);
    }
    return toInteger(BINARY64, a, Integer.MIN_VALUE, Integer.MAX_VALUE, mode, flags);
  }

  /** {@code fcvt.wu.d}. */
  static long doubleToUnsignedWord(long a, int mode, FpFlags flags) {
    return (int) toInteger(BINARY64, a, 0, 0xffff_ffffL, mode, flags);
  }

  /** {@code fcvt.l.d}. */
  static long doubleToLong(long a, int mode, FpFlags flags) {
    double value = Double.longBitsToDouble(a);
    if (mode == RTZ && Math.abs(value) < TWO_POW_63) {
      return truncated((long) value, value, flags);
    }
    return toInteger(BINARY64, a, Long.MIN_VALUE, Long.MAX_VALUE, mode, flags);
  }

  /** {@code fcvt.lu.d}. */
  static long doubleToUnsignedLong(long a, int mode, FpFlags flags) {
    return toInteger(BINARY64, a, 0, -1, mode, flags);
  }

  /** {@code fcvt.w.s}. */
  static long singleToWord(int a, int mode, FpFlags flags) {
    float value = Float.intBitsToFloat(a);
    if (mode == RTZ && Math.abs(value) < TWO_POW_31) {
      return truncated((int) value, value, flags);
    }
    return toInteger(BINARY32, wide(a), Integer.MIN_VALUE, Integer.MAX_VALUE, mode, flags);
  }

  /** {@code fcvt.wu.s}. */
  static long singleToUnsignedWord(int a, int mode, FpFlags flags) {
    return (int) toInteger(BINARY32, wide(a), 0, 0xffff_ffffL, mode, flags);
  }

  /** {@code fcvt.l.s}. */
  static long singleToLong(int a, int mode, FpFlags flags) {
    float value = Float.intBitsToFloat(a);
    if (mode == RTZ && Math.abs(value) < TWO_POW_63) {
      return truncated((long) value, value, flags);
    }
    return toInteger(BINARY32, wide(a), Long.MIN_VALUE, Long.MAX_VALUE, mode, flags);
  }

  /** {@code fcvt.lu.s}. */
  static long singleToUnsignedLong(int a, int mode, FpFlags flags) {
    return toInteger(BINARY32, wide(a), 0, -1, mode, flags);
  }

  private static long wide(int bits) {
    return Integer.toUnsignedLong(bits);
  }

  private static long truncated(long integer, double value, FpFlags flags) {
    if (integer != value) {
      flags.raise(FpFlags.NX);
    }
    return integer;
  }

  private static long convert(FpFormat from, FpFormat to, long a, int mode, FpFlags flags) {
    if (from.isNaN(a)) {
      return SoftFloat.quiet(to, from.isSignallingNaN(a), flags);
    }
    int sign = from.sign(a);
    if (from.isZero(a) || from.isInfinity(a)) {
      return to.signed(sign, from.isZero(a) ? 0 : to.infinity);
    }
    return SoftFloat.round(to, sign, from.exponent(a), from.significand(a), mode, flags);
  }

  private static long fromLong(FpFormat to, long value, int mode, FpFlags flags) {
    return fromMagnitude(to, value < 0 ? 1 : 0, Math.abs(value), mode, flags);
  }

  /** From a nonzero unsigned magnitude. */
  private static long fromMagnitude(
      FpFormat to, int sign, long magnitude, int mode, FpFlags flags) {
    int shift = Long.numberOfLeadingZeros(magnitude);
    return SoftFloat.round(to, sign, 63 - shift, magnitude << shift, mode, flags);
  }

  /**
   * Rounds to an integer of at least {@code lowest} (signed, 0 for unsigned targets) and at most
   * {@code highest} (unsigned).
   */
  private static long toInteger(
      FpFormat from, long a, long lowest, long highest, int mode, FpFlags flags) {
    int sign = from.isNaN(a) ? 0 : from.sign(a);
    long limit = sign == 0 ? highest : -lowest;
    if (from.isZero(a)) {
      return 0;
    }
    if (!from.isFinite(a) || from.exponent(a) > 63) {
      return saturate(sign == 0 ? highest : lowest, flags);
    }
    return fitInteger(from, a, sign, limit, mode, flags);
  }

  private static long fitInteger(
      FpFormat from, long a, int sign, long limit, int mode, FpFlags flags) {
    long significand = from.significand(a);
    int fractionBits = 63 - from.exponent(a);
    long integer = fractionBits >= 64 ? 0 : significand >>> fractionBits;
    // One bit of fraction and a jam are enough to round; the bit above them tells odd from even.
    long fraction =
        fractionBits == 0
            ? 0
            : fractionBits <= 64
                ? significand << (64 - fractionBits)
                : SoftFloat.shiftRightJam(significand, fractionBits - 64);
    long rounding = (integer & 1) << 62 | SoftFloat.shiftRightJam(fraction, 2);
    long rounded = integer + SoftFloat.increment(rounding, 62, sign, mode);
    boolean wrapped = rounded == 0 && integer != 0;
    if (wrapped || Long.compareUnsigned(rounded, limit) > 0) {
      return saturate(sign == 0 ? limit : -limit, flags);
    }
    if (fraction != 0) {
      flags.raise(FpFlags.NX);
    }
    return sign == 0 ? rounded : -rounded;
  }

  private static long saturate(long limit, FpFlags flags) {
    flags.raise(FpFlags.NV);
    return limit;
  }
}
