package handover.riscv;

import static handover.riscv.FloatingPoint.RDN;
import static handover.riscv.FloatingPoint.RMM;
import static handover.riscv.FloatingPoint.RNE;
import static handover.riscv.FloatingPoint.RUP;

/**
 * IEEE 754-2019 arithmetic on raw bits with integers alone: every rounding mode, every flag, every
 * special value. The slow path behind {@link Binary64} and {@link Binary32}.
 *
 * <p>Inside, a finite nonzero magnitude is a significand with its leading one in bit 63 and the
 * exponent of that bit. Bits that fall off the right are <em>jammed</em>: the lowest bit kept tells
 * whether any of them was set, which is all that rounding needs as long as two bits or more are
 * kept beyond the format's precision.
 */
final class SoftFloat {
  private SoftFloat() {}

  static long add(FpFormat f, long a, long b, int mode, FpFlags flags) {
    if (!f.isFinite(a) || !f.isFinite(b)) {
      return addSpecial(f, a, b, flags);
    }
    if (f.isZero(a) || f.isZero(b)) {
      return addZero(f, a, b, mode);
    }
    return f.magnitude(a) >= f.magnitude(b)
        ? addOrdered(f, a, b, mode, flags)
        : addOrdered(f, b, a, mode, flags);
  }

  static long multiply(FpFormat f, long a, long b, int mode, FpFlags flags) {
    int sign = f.sign(a) ^ f.sign(b);
    if (!f.isFinite(a) || !f.isFinite(b)) {
      return multiplySpecial(f, a, b, flags);
    }
    if (f.isZero(a) || f.isZero(b)) {
      return f.signed(sign, 0);
    }
    long x = f.significand(a);
    long y = f.significand(b);
    int exponent = f.exponent(a) + f.exponent(b) + 1;
    long high = Math.unsignedMultiplyHigh(x, y);
    return normalizeAndRound(f, sign, exponent, high, x * y, mode, flags);
  }

  static long divide(FpFormat f, long a, long b, int mode, FpFlags flags) {
    int sign = f.sign(a) ^ f.sign(b);
    if (f.isNaN(a) || f.isNaN(b)) {
      return quiet(f, f.isSignallingNaN(a) || f.isSignallingNaN(b), flags);
    }
    if (f.isInfinity(a) || f.isInfinity(b)) {
      return f.isFinite(a)
          ? f.signed(sign, 0)
          : f.isFinite(b) ? f.signed(sign, f.infinity) : quiet(f, true, flags);
    }
    if (f.isZero(b)) {
      return divideByZero(f, a, sign, flags);
    }
    return f.isZero(a) ? f.signed(sign, 0) : divideFinite(f, sign, a, b, mode, flags);
  }

  static long squareRoot(FpFormat f, long a, int mode, FpFlags flags) {
    if (f.isNaN(a)) {
      return quiet(f, f.isSignallingNaN(a), flags);
    }
    if (f.isZero(a)) {
      return a;
    }
    if (f.sign(a) != 0) {
      return quiet(f, true, flags);
    }
    return f.isInfinity(a) ? a : squareRootFinite(f, a, mode, flags);
  }

  /** a × b + c, rounded once. */
  static long fusedMultiplyAdd(FpFormat f, long a, long b, long c, int mode, FpFlags flags) {
    int sign = f.sign(a) ^ f.sign(b);
    if (!f.isFinite(a) || !f.isFinite(b) || !f.isFinite(c)) {
      return fusedSpecial(f, a, b, c, flags);
    }
    if (f.isZero(a) || f.isZero(b)) {
      return f.isZero(c) ? addZero(f, f.signed(sign, 0), c, mode) : c;
    }
    if (f.isZero(c)) {
      return multiply(f, a, b, mode, flags);
    }
    return fusedFinite(f, a, b, c, mode, flags);
  }

  /**
   * Rounds and packs.
   *
   * @param exponent the exponent of bit 63 of {@code significand}
   * @param significand normalised, jammed
   */
  static long round(FpFormat f, int sign, int exponent, long significand, int mode, FpFlags flags) {
    int biased = exponent + f.bias;
    int discarded = 63 - f.fractionBits;
    long shifted = significand;
    boolean tiny = false;
    if (biased <= 0) {
      tiny = biased < 0 || !reachesNextPower(f, shifted, increment(shifted, discarded, sign, mode));
      shifted = shiftRightJam(shifted, 1 - biased);
      biased = 1;
    }
    // A carry out of the fraction moves into the exponent field by itself, also out of subnormals.
    long magnitude = ((long) (biased - 1) << f.fractionBits) + (shifted >>> discarded);
    magnitude += increment(shifted, discarded, sign, mode);
    if (biased > 2 * f.bias || magnitude >= f.infinity) {
      return overflow(f, sign, mode, flags);
    }
    if (shifted << (64 - discarded) != 0) {
      flags.raise(tiny ? FpFlags.NX | FpFlags.UF : FpFlags.NX);
    }
    return f.signed(sign, magnitude);
  }

  /** 1 if the {@code discarded} low bits round the magnitude up, else 0. */
  static int increment(long significand, int discarded, int sign, int mode) {
    long rest = significand << (64 - discarded);
    boolean up =
        switch (mode) {
          case RNE -> rest < 0 && (rest != Long.MIN_VALUE || (significand >>> discarded & 1) != 0);
          case RMM -> rest < 0;
          case RDN -> sign != 0 && rest != 0;
          case RUP -> sign == 0 && rest != 0;
          default -> false;
        };
    return up ? 1 : 0;
  }

  static long shiftRightJam(long value, int count) {
    if (count == 0) {
      return value;
    }
    return count >= 64 ? (value != 0 ? 1 : 0) : value >>> count | (value << -count != 0 ? 1 : 0);
  }

  /** The canonical NaN, and NV if {@code invalid}. */
  static long quiet(FpFormat f, boolean invalid, FpFlags flags) {
    if (invalid) {
      flags.raise(FpFlags.NV);
    }
    return f.canonicalNaN;
  }

  // RISC-V detects tininess after rounding: with an unbounded exponent, would it still be tiny?
  private static boolean reachesNextPower(FpFormat f, long significand, int increment) {
    long allOnes = (2L << f.fractionBits) - 1;
    return increment == 1 && significand >>> (63 - f.fractionBits) == allOnes;
  }

  private static long overflow(FpFormat f, int sign, int mode, FpFlags flags) {
    flags.raise(FpFlags.OF | FpFlags.NX);
    boolean toInfinity =
        mode == RNE || mode == RMM || (sign == 0 && mode == RUP) || (sign != 0 && mode == RDN);
    return f.signed(sign, toInfinity ? f.infinity : f.infinity - 1);
  }

  private static long addSpecial(FpFormat f, long a, long b, FpFlags flags) {
    if (f.isNaN(a) || f.isNaN(b)) {
      return quiet(f, f.isSignallingNaN(a) || f.isSignallingNaN(b), flags);
    }
    if (f.isInfinity(a)) {
      return f.isInfinity(b) && a != b ? quiet(f, true, flags) : a;
    }
    return b;
  }

  private static long addZero(FpFormat f, long a, long b, int mode) {
    if (!f.isZero(a)) {
      return a;
    }
    return f.isZero(b) && a != b ? exactZero(f, mode) : b;
  }

  private static long exactZero(FpFormat f, int mode) {
    return mode == RDN ? f.signBit : 0;
  }

  private static long addOrdered(FpFormat f, long large, long small, int mode, FpFlags flags) {
    int exponent = f.exponent(large);
    long x = f.significand(large) >>> 1;
    long y = shiftRightJam(f.significand(small) >>> 1, exponent - f.exponent(small));
    long sum = f.sign(large) == f.sign(small) ? x + y : x - y;
    return sum == 0
        ? exactZero(f, mode)
        : normalizeAndRound(f, f.sign(large), exponent + 1, sum, 0, mode, flags);
  }

  private static long multiplySpecial(FpFormat f, long a, long b, FpFlags flags) {
    if (f.isNaN(a) || f.isNaN(b)) {
      return quiet(f, f.isSignallingNaN(a) || f.isSignallingNaN(b), flags);
    }
    return f.isZero(a) || f.isZero(b)
        ? quiet(f, true, flags)
        : f.signed(f.sign(a) ^ f.sign(b), f.infinity);
  }

  private static long divideByZero(FpFormat f, long a, int sign, FpFlags flags) {
    if (f.isZero(a)) {
      return quiet(f, true, flags);
    }
    flags.raise(FpFlags.DZ);
    return f.signed(sign, f.infinity);
  }

  private static long divideFinite(FpFormat f, int sign, long a, long b, int mode, FpFlags flags) {
    // 53-bit integers at most, so that a remainder shifted by 11 still fits 64 bits.
    long dividend = f.significand(a) >>> 11;
    long divisor = f.significand(b) >>> 11;
    long quotient = dividend / divisor;
    long remainder = dividend % divisor;
    for (int step = 0; step < 5; step++) {
      long extended = remainder << 11;
      quotient = quotient << 11 | Long.divideUnsigned(extended, divisor);
      remainder = Long.remainderUnsigned(extended, divisor);
    }
    // The quotient has 55 fraction bits.
    int exponent = f.exponent(a) - f.exponent(b) + 63 - 55;
    long jammed = quotient | (remainder != 0 ? 1 : 0);
    return normalizeAndRound(f, sign, exponent, jammed, 0, mode, flags);
  }

  private static long squareRootFinite(FpFormat f, long a, int mode, FpFlags flags) {
    int exponent = f.exponent(a);
    // A radicand of two integer bits when the exponent is odd, one when it is even; two a digit.
    long radicand = (exponent & 1) == 0 ? f.significand(a) >>> 1 : f.significand(a);
    long root = 0;
    long remainder = 0;
    for (int digit = 0; digit < 56; digit++) {
      remainder = remainder << 2 | radicand >>> 62;
      radicand <<= 2;
      long trial = root << 2 | 1;
      root <<= 1;
      if (remainder >= trial) {
        remainder -= trial;
        root |= 1;
      }
    }
    long jammed = root | (remainder != 0 ? 1 : 0);
    return normalizeAndRound(f, 0, (exponent >> 1) + 63 - 55, jammed, 0, mode, flags);
  }

  private static long fusedSpecial(FpFormat f, long a, long b, long c, FpFlags flags) {
    boolean invalidProduct = f.isInfinity(a) && f.isZero(b) || f.isZero(a) && f.isInfinity(b);
    boolean signalling = f.isSignallingNaN(a) || f.isSignallingNaN(b) || f.isSignallingNaN(c);
    if (invalidProduct || f.isNaN(a) || f.isNaN(b) || f.isNaN(c)) {
      return quiet(f, invalidProduct || signalling, flags);
    }
    if (f.isFinite(a) && f.isFinite(b)) {
      return c;
    }
    long product = f.signed(f.sign(a) ^ f.sign(b), f.infinity);
    return f.isInfinity(c) && c != product ? quiet(f, true, flags) : product;
  }

  private static long fusedFinite(FpFormat f, long a, long b, long c, int mode, FpFlags flags) {
    int productSign = f.sign(a) ^ f.sign(b);
    int productExponent = f.exponent(a) + f.exponent(b) + 1;
    long x = f.significand(a);
    long y = f.significand(b);
    // Both 128-bit numbers leave bit 127 free for the carry; the bits shifted out are zeros.
    long productLow = Math.unsignedMultiplyHigh(x, y) << 63 | x * y >>> 1;
    long productHigh = Math.unsignedMultiplyHigh(x, y) >>> 1;
    long addendHigh = f.significand(c) >>> 1;
    int ahead = productExponent - f.exponent(c);
    int addendShift = Math.max(ahead, 0);
    int productShift = Math.max(-ahead, 0);
    return addWide(
        f,
        productSign,
        shiftHigh(productHigh, productShift),
        shiftLowJam(productHigh, productLow, productShift),
        f.sign(c),
        shiftHigh(addendHigh, addendShift),
        shiftLowJam(addendHigh, 0, addendShift),
        Math.max(productExponent, f.exponent(c)) + 1,
        mode,
        flags);
  }

  private static long addWide(
      FpFormat f,
      int signA,
      long highA,
      long lowA,
      int signB,
      long highB,
      long lowB,
      int exponent,
      int mode,
      FpFlags flags) {
    if (signA == signB) {
      long low = lowA + lowB;
      long carry = Long.compareUnsigned(low, lowA) < 0 ? 1 : 0;
      return normalizeAndRound(f, signA, exponent, highA + highB + carry, low, mode, flags);
    }
    boolean smaller = highA != highB ? highA < highB : Long.compareUnsigned(lowA, lowB) < 0;
    if (smaller) {
      return addWide(f, signB, highB, lowB, signA, highA, lowA, exponent, mode, flags);
    }
    long low = lowA - lowB;
    long borrow = Long.compareUnsigned(lowA, lowB) < 0 ? 1 : 0;
    long high = highA - highB - borrow;
    return (high | low) == 0
        ? exactZero(f, mode)
        : normalizeAndRound(f, signA, exponent, high, low, mode, flags);
  }

  private static long shiftHigh(long high, int count) {
    return count >= 64 ? 0 : high >>> count;
  }

  private static long shiftLowJam(long high, long low, int count) {
    if (count == 0) {
      return low;
    }
    if (count >= 64) {
      return shiftRightJam(high, count - 64) | (low != 0 ? 1 : 0);
    }
    return high << -count | shiftRightJam(low, count);
  }

  /** As {@link #round}, from a nonzero 128-bit significand of which bit 127 has the exponent. */
  private static long normalizeAndRound(
      FpFormat f, int sign, int exponent, long high, long low, int mode, FpFlags flags) {
    if (high == 0) {
      return normalizeAndRound(f, sign, exponent - 64, low, 0, mode, flags);
    }
    int shift = Long.numberOfLeadingZeros(high);
    long significand = shift == 0 ? high : high << shift | low >>> (64 - shift);
    long jam = low << shift != 0 ? 1 : 0;
    return round(f, sign, exponent - shift, significand | jam, mode, flags);
  }
}
