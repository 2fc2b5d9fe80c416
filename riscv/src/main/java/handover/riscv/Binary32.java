package handover.riscv;

import static handover.riscv.FloatingPoint.RNE;
import static handover.riscv.FpFormat.BINARY32;

/**
 * The operations of the F extension on raw, unboxed bits (IEEE 754-2019; RISC-V unprivileged, "F").
 *
 * <p>As {@link Binary64}; here a double holds the product of two singles exactly, which makes the
 * question of NX a plain comparison.
 */
final class Binary32 {
  static final int CANONICAL_NAN = (int) BINARY32.canonicalNaN;

  private static final int SIGN = Integer.MIN_VALUE;

  private Binary32() {}

  static int add(int a, int b, int mode, FpFlags flags) {
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    float sum = x + y;
    // A sum that underflows is exact.
    if (mode != RNE || !(Math.abs(sum) < Float.MAX_VALUE)) {
      return (int) SoftFloat.add(BINARY32, wide(a), wide(b), mode, flags);
    }
    if (!flags.inexact() && sumIsInexact(x, y, sum)) {
      flags.raise(FpFlags.NX);
    }
    return Float.floatToRawIntBits(sum);
  }

  static int subtract(int a, int b, int mode, FpFlags flags) {
    return add(a, b ^ SIGN, mode, flags);
  }

  static int multiply(int a, int b, int mode, FpFlags flags) {
    double exact = (double) Float.intBitsToFloat(a) * Float.intBitsToFloat(b);
    float product = (float) exact;
    if (mode != RNE || !(inRange(product) || exact == 0)) {
      return (int) SoftFloat.multiply(BINARY32, wide(a), wide(b), mode, flags);
    }
    if (product != exact) {
      flags.raise(FpFlags.NX);
    }
    return Float.floatToRawIntBits(product);
  }

  static int divide(int a, int b, int mode, FpFlags flags) {
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    float quotient = x / y;
    if (mode != RNE || !inRange(quotient)) {
      return (int) SoftFloat.divide(BINARY32, wide(a), wide(b), mode, flags);
    }
    if ((double) quotient * y != x) {
      flags.raise(FpFlags.NX);
    }
    return Float.floatToRawIntBits(quotient);
  }

  static int squareRoot(int a, int mode, FpFlags flags) {
    float x = Float.intBitsToFloat(a);
    if (mode != RNE || !(x > 0) || x == Float.POSITIVE_INFINITY) {
      return (int) SoftFloat.squareRoot(BINARY32, wide(a), mode, flags);
    }
    // Rounding twice is harmless: a double has more than twice a single's bits plus two.
    float root = (float) Math.sqrt(x);
    if ((double) root * root != x) {
      flags.raise(FpFlags.NX);
    }
    return Float.floatToRawIntBits(root);
  }

  /** {@code fmadd.s}: a × b + c. */
  static int multiplyAdd(int a, int b, int c, int mode, FpFlags flags) {
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    float z = Float.intBitsToFloat(c);
    float result = Math.fma(x, y, z);
    if (mode != RNE || !inRange(result)) {
      return (int) SoftFloat.fusedMultiplyAdd(BINARY32, wide(a), wide(b), wide(c), mode, flags);
    }
    double product = (double) x * y;
    double sum = product + z;
    if (sum != result || Binary64.sumError(product, z, sum) != 0) {
      flags.raise(FpFlags.NX);
    }
    return Float.floatToRawIntBits(result);
  }

  /** {@code fmsub.s}: a × b − c. */
  static int multiplySubtract(int a, int b, int c, int mode, FpFlags flags) {
    return multiplyAdd(a, b, c ^ SIGN, mode, flags);
  }

  /** {@code fnmsub.s}: −(a × b) + c. */
  static int negatedMultiplySubtract(int a, int b, int c, int mode, FpFlags flags) {
    return multiplyAdd(a ^ SIGN, b, c, mode, flags);
  }

  /** {@code fnmadd.s}: −(a × b) − c. */
  static int negatedMultiplyAdd(int a, int b, int c, int mode, FpFlags flags) {
    return multiplyAdd(a ^ SIGN, b, c ^ SIGN, mode, flags);
  }

  /** {@code fmin.s}: IEEE 754-2019 minimumNumber, −0 below +0. */
  static int min(int a, int b, FpFlags flags) {
    return select(a, b, true, flags);
  }

  /** {@code fmax.s}: IEEE 754-2019 maximumNumber, −0 below +0. */
  static int max(int a, int b, FpFlags flags) {
    return select(a, b, false, flags);
  }

  /** {@code fsgnj.s}. */
  static int signInject(int a, int b) {
    return a & ~SIGN | b & SIGN;
  }

  /** {@code fsgnjn.s}. */
  static int signInjectNegated(int a, int b) {
    return a & ~SIGN | ~b & SIGN;
  }

  /** {@code fsgnjx.s}. */
  static int signInjectXor(int a, int b) {
    return a ^ b & SIGN;
  }

  /** {@code feq.s}: 0 or 1; only a signalling NaN is invalid. */
  static long equal(int a, int b, FpFlags flags) {
    if (isSignallingNaN(a) || isSignallingNaN(b)) {
      flags.raise(FpFlags.NV);
    }
    return Float.intBitsToFloat(a) == Float.intBitsToFloat(b) ? 1 : 0;
  }

  /** {@code flt.s}: 0 or 1; any NaN is invalid. */
  static long less(int a, int b, FpFlags flags) {
    raiseIfUnordered(a, b, flags);
    return Float.intBitsToFloat(a) < Float.intBitsToFloat(b) ? 1 : 0;
  }

  /** {@code fle.s}: 0 or 1; any NaN is invalid. */
  static long lessOrEqual(int a, int b, FpFlags flags) {
    raiseIfUnordered(a, b, flags);
    return Float.intBitsToFloat(a) <= Float.intBitsToFloat(b) ? 1 : 0;
  }

  /** {@code fclass.s}. */
  static long classify(int a) {
    return BINARY32.classify(wide(a));
  }

  static boolean isNaN(int a) {
    return BINARY32.isNaN(wide(a));
  }

  static boolean isSignallingNaN(int a) {
    return BINARY32.isSignallingNaN(wide(a));
  }

  private static long wide(int bits) {
    return Integer.toUnsignedLong(bits);
  }

  // A double's sum may round too, to a value that happens to be a single.
  private static boolean sumIsInexact(float x, float y, float sum) {
    double wideSum = (double) x + y;
    return wideSum != sum || Binary64.sumError(x, y, wideSum) != 0;
  }

  // Strictly above the smallest normal, which may be a tiny number rounded up.
  private static boolean inRange(float value) {
    float magnitude = Math.abs(value);
    return magnitude > Float.MIN_NORMAL && magnitude <= Float.MAX_VALUE;
  }

  private static int select(int a, int b, boolean smaller, FpFlags flags) {
    if (isNaN(a) || isNaN(b)) {
      SoftFloat.quiet(BINARY32, isSignallingNaN(a) || isSignallingNaN(b), flags);
      return !isNaN(a) ? a : !isNaN(b) ? b : CANONICAL_NAN;
    }
    return Float.compare(Float.intBitsToFloat(a), Float.intBitsToFloat(b)) < 0 == smaller ? a : b;
  }

  private static void raiseIfUnordered(int a, int b, FpFlags flags) {
    if (isNaN(a) || isNaN(b)) {
      flags.raise(FpFlags.NV);
    }
  }
}
