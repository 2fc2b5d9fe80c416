package handover.riscv;

import static handover.riscv.FloatingPoint.RNE;
import static handover.riscv.FpFormat.BINARY64;

/**
 * The operations of the D extension on raw bits (IEEE 754-2019; RISC-V unprivileged, "D").
 *
 * <p>Rounding to nearest even is the host's own arithmetic as long as the result is far from
 * overflow and underflow, so that the only flag in question is NX. That one is settled by computing
 * the rounding error, which is itself a double there; everything else goes to {@link SoftFloat}.
 */
final class Binary64 {
  static final long CANONICAL_NAN = BINARY64.canonicalNaN;

  private static final long SIGN = BINARY64.signBit;

  // Between these, rounding errors of products and quotients neither underflow nor overflow.
  private static final double SMALL = 0x1p-900;
  private static final double LARGE = 0x1p1000;

  private Binary64() {}

  static long add(long a, long b, int mode, FpFlags flags) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double sum = x + y;
    // A sum that underflows is exact.
    if (mode != RNE || !(Math.abs(sum) < LARGE)) {
      return SoftFloat.add(BINARY64, a, b, mode, flags);
    }
    if (!flags.inexact() && sumError(x, y, sum) != 0) {
      flags.raise(FpFlags.NX);
    }
    return Double.doubleToRawLongBits(sum);
  }

  static long subtract(long a, long b, int mode, FpFlags flags) {
    return add(a, b ^ SIGN, mode, flags);
  }

  static long multiply(long a, long b, int mode, FpFlags flags) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double product = x * y;
    if (mode != RNE || !(inRange(product) || (product == 0 && (x == 0 || y == 0)))) {
      return SoftFloat.multiply(BINARY64, a, b, mode, flags);
    }
    if (!flags.inexact() && Math.fma(x, y, -product) != 0) {
      flags.raise(FpFlags.NX);
    }
    return Double.doubleToRawLongBits(product);
  }

  static long divide(long a, long b, int mode, FpFlags flags) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double quotient = x / y;
    if (mode != RNE || !inRange(quotient) || !inRange(x)) {
      return SoftFloat.divide(BINARY64, a, b, mode, flags);
    }
    if (!flags.inexact() && Math.fma(quotient, y, -x) != 0) {
      flags.raise(FpFlags.NX);
    }
    return Double.doubleToRawLongBits(quotient);
  }

  static long squareRoot(long a, int mode, FpFlags flags) {
    double x = Double.longBitsToDouble(a);
    if (mode != RNE || !(x > 0) || !inRange(x)) {
      return SoftFloat.squareRoot(BINARY64, a, mode, flags);
    }
    double root = Math.sqrt(x);
    if (!flags.inexact() && Math.fma(root, root, -x) != 0) {
      flags.raise(FpFlags.NX);
    }
    return Double.doubleToRawLongBits(root);
  }

  /** {@code fmadd.d}: a × b + c. */
  static long multiplyAdd(long a, long b, long c, int mode, FpFlags flags) {
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    double z = Double.longBitsToDouble(c);
    double product = x * y;
    if (mode != RNE || !inRange(product) || !(z == 0 || inRange(z))) {
      return SoftFloat.fusedMultiplyAdd(BINARY64, a, b, c, mode, flags);
    }
    double result = Math.fma(x, y, z);
    if (!flags.inexact() && fusedIsInexact(x, y, z, product, result)) {
      flags.raise(FpFlags.NX);
    }
    return Double.doubleToRawLongBits(result);
  }

  /** {@code fmsub.d}: a × b − c. */
  static long multiplySubtract(long a, long b, long c, int mode, FpFlags flags) {
    return multiplyAdd(a, b, c ^ SIGN, mode, flags);
  }

  /** {@code fnmsub.d}: −(a × b) + c. */
  static long negatedMultiplySubtract(long a, long b, long c, int mode, FpFlags flags) {
    return multiplyAdd(a ^ SIGN, b, c, mode, flags);
  }

  /** {@code fnmadd.d}: −(a × b) − c. */
  static long negatedMultiplyAdd(long a, long b, long c, int mode, FpFlags flags) {
    return multiplyAdd(a ^ SIGN, b, c ^ SIGN, mode, flags);
  }

  /** {@code fmin.d}: IEEE 754-2019 minimumNumber, −0 below +0. */
  static long min(long a, long b, FpFlags flags) {
    return select(a, b, true, flags);
  }

  /** {@code fmax.d}: IEEE 754-2019 maximumNumber, −0 below +0. */
  static long max(long a, long b, FpFlags flags) {
    return select(a, b, false, flags);
  }

  /** {@code fsgnj.d}. */
  static long signInject(long a, long b) {
    return a & ~SIGN | b & SIGN;
  }

  /** {@code fsgnjn.d}. */
  static long signInjectNegated(long a, long b) {
    return a & ~SIGN | ~b & SIGN;
  }

  /** {@code fsgnjx.d}. */
  static long signInjectXor(long a, long b) {
    return a ^ b & SIGN;
  }

  /** {@code feq.d}: 0 or 1; only a signalling NaN is invalid. */
  static long equal(long a, long b, FpFlags flags) {
    if (BINARY64.isSignallingNaN(a) || BINARY64.isSignallingNaN(b)) {
      flags.raise(FpFlags.NV);
    }
    return Double.longBitsToDouble(a) == Double.longBitsToDouble(b) ? 1 : 0;
  }

  /** {@code flt.d}: 0 or 1; any NaN is invalid. */
  static long less(long a, long b, FpFlags flags) {
    raiseIfUnordered(a, b, flags);
    return Double.longBitsToDouble(a) < Double.longBitsToDouble(b) ? 1 : 0;
  }

  /** {@code fle.d}: 0 or 1; any NaN is invalid. */
  static long lessOrEqual(long a, long b, FpFlags flags) {
    raiseIfUnordered(a, b, flags);
    return Double.longBitsToDouble(a) <= Double.longBitsToDouble(b) ? 1 : 0;
  }

  /** {@code fclass.d}. */
  static long classify(long a) {
    return BINARY64.classify(a);
  }

  /** The exact error of a rounded sum (Knuth's TwoSum). */
  static double sumError(double x, double y, double sum) {
    double roundedY = sum - x;
    double roundedX = sum - roundedY;
    return (x - roundedX) + (y - roundedY);
  }

  // The exact error of a fused multiply-add is a sum of two doubles (Boldo and Muller, "Exact and
  // approximated error of the FMA"); it is zero only when they cancel.
  private static boolean fusedIsInexact(
      double x, double y, double z, double product, double result) {
    double productError = Math.fma(x, y, -product);
    double low = z + productError;
    double lowError = sumError(z, productError, low);
    double high = product + low;
    double highError = sumError(product, low, high);
    return (high - result) + highError != -lowError;
  }

  private static boolean inRange(double value) {
    double magnitude = Math.abs(value);
    return magnitude > SMALL && magnitude < LARGE;
  }

  private static long select(long a, long b, boolean smaller, FpFlags flags) {
    if (BINARY64.isNaN(a) || BINARY64.isNaN(b)) {
      SoftFloat.quiet(BINARY64, BINARY64.isSignallingNaN(a) || BINARY64.isSignallingNaN(b), flags);
      return !BINARY64.isNaN(a) ? a : !BINARY64.isNaN(b) ? b : CANONICAL_NAN;
    }
    return Double.compare(Double.longBitsToDouble(a), Double.longBitsToDouble(b)) < 0 == smaller
        ? a
        : b;
  }

  private static void raiseIfUnordered(long a, long b, FpFlags flags) {
    if (BINARY64.isNaN(a) || BINARY64.isNaN(b)) {
      flags.raise(FpFlags.NV);
    }
  }
}
