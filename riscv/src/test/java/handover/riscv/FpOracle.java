package handover.riscv;

import java.math.BigInteger;

/**
 * Rounding by the book, on exact rationals of any size: slow, and with nothing in common with the
 * code it judges but the standard.
 */
final class FpOracle {
  /** Bits and the flags raised. */
  record Rounded(long bits, int flags) {}

  /** A finite number as {@code numerator / denominator}, the denominator positive. */
  record Rational(BigInteger numerator, BigInteger denominator) {
    Rational plus(Rational other) {
      return new Rational(
          numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
          denominator.multiply(other.denominator));
    }

    Rational times(Rational other) {
      return new Rational(
          numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    Rational dividedBy(Rational other) {
      return times(
          new Rational(
              other.denominator.multiply(BigInteger.valueOf(other.numerator.signum())),
              other.numerator.abs()));
    }

    /** The root, or a rational strictly between the same two neighbours of 400 fraction bits. */
    Rational squareRoot() {
      BigInteger scaled = numerator.shiftLeft(4400).divide(denominator);
      BigInteger root = scaled.sqrt();
      boolean exact = root.multiply(root).multiply(denominator).equals(numerator.shiftLeft(4400));
      BigInteger doubled = root.shiftLeft(1);
      return new Rational(
          exact ? doubled : doubled.add(BigInteger.ONE), BigInteger.ONE.shiftLeft(2201));
    }
  }

  private final int fractionBits;
  private final int bias;

  FpOracle(int exponentBits, int fractionBits) {
    this.fractionBits = fractionBits;
    this.bias = (1 << (exponentBits - 1)) - 1;
  }

  /** The value of a double (a single widens to one exactly). */
  static Rational exact(double value) {
    java.math.BigDecimal decimal = new java.math.BigDecimal(value);
    return decimal.scale() <= 0
        ? new Rational(decimal.toBigIntegerExact(), BigInteger.ONE)
        : new Rational(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale()));
  }

  Rounded sum(double x, double y, boolean signalling, int mode) {
    if (!Double.isFinite(x) || !Double.isFinite(y)) {
      return special(x + y, signalling || !(Double.isNaN(x) || Double.isNaN(y)));
    }
    return x == 0 && y == 0
        ? zero(sumOfZerosIsNegative(negative(x), negative(y), mode))
        : sum(exact(x), exact(y), mode);
  }

  Rounded product(double x, double y, boolean signalling, int mode) {
    double host = x * y;
    if (!Double.isFinite(x) || !Double.isFinite(y) || x == 0 || y == 0) {
      return special(host, signalling || !(Double.isNaN(x) || Double.isNaN(y)));
    }
    return round(exact(x).times(exact(y)), mode);
  }

  Rounded quotient(double x, double y, boolean signalling, int mode) {
    double host = x / y;
    if (y == 0 && x != 0 && Double.isFinite(x)) {
      return new Rounded(special(host, false).bits(), FpFlags.DZ);
    }
    if (!Double.isFinite(x) || !Double.isFinite(y) || x == 0 || y == 0) {
      return special(host, signalling || !(Double.isNaN(x) || Double.isNaN(y)));
    }
    return round(exact(x).dividedBy(exact(y)), mode);
  }

  Rounded squareRoot(double x, boolean signalling, int mode) {
    return x > 0 && Double.isFinite(x)
        ? round(exact(x).squareRoot(), mode)
        : special(Math.sqrt(x), signalling || !Double.isNaN(x));
  }

  Rounded fused(double x, double y, double z, boolean signalling, int mode) {
    boolean infinityTimesZero = Double.isInfinite(x) && y == 0 || x == 0 && Double.isInfinite(y);
    boolean anyNaN = Double.isNaN(x) || Double.isNaN(y) || Double.isNaN(z);
    if (anyNaN || Double.isInfinite(x) || Double.isInfinite(y) || Double.isInfinite(z)) {
      return special(Math.fma(x, y, z), signalling || infinityTimesZero || !anyNaN);
    }
    boolean negativeProduct = negative(x) ^ negative(y);
    return (x == 0 || y == 0) && z == 0
        ? zero(sumOfZerosIsNegative(negativeProduct, negative(z), mode))
        : sum(exact(x).times(exact(y)), exact(z), mode);
  }

  private Rounded sum(Rational x, Rational y, int mode) {
    Rational exact = x.plus(y);
    return exact.numerator().signum() == 0 ? zero(mode == FloatingPoint.RDN) : round(exact, mode);
  }

  private static boolean negative(double value) {
    return Double.doubleToRawLongBits(value) < 0;
  }

  private static boolean sumOfZerosIsNegative(boolean first, boolean second, int mode) {
    return first == second ? first : mode == FloatingPoint.RDN;
  }

  private Rounded zero(boolean negative) {
    return new Rounded(negative ? signBit() : 0, 0);
  }

  private long signBit() {
    return (infinity() | ((1L << fractionBits) - 1)) + 1;
  }

  private long infinity() {
    return (2L * bias + 1) << fractionBits;
  }

  /** NaN, an infinity or a zero; NV when a NaN came about in an invalid way. */
  private Rounded special(double value, boolean invalid) {
    if (Double.isNaN(value)) {
      return new Rounded(infinity() | 1L << (fractionBits - 1), invalid ? FpFlags.NV : 0);
    }
    return new Rounded((negative(value) ? signBit() : 0) | (value == 0 ? 0 : infinity()), 0);
  }

  /** A nonzero rational in the format. */
  Rounded round(Rational value, int mode) {
    boolean negative = value.numerator().signum() < 0;
    BigInteger numerator = value.numerator().abs();
    int exponent = floorLog2(numerator, value.denominator());
    int smallest = 1 - bias;
    BigInteger unbounded =
        roundAt(numerator, value.denominator(), exponent - fractionBits, negative, mode);
    boolean tiny =
        exponent < smallest
            && !(exponent == smallest - 1 && unbounded.bitLength() > fractionBits + 1);
    int quantum = Math.max(exponent, smallest) - fractionBits;
    BigInteger integer = roundAt(numerator, value.denominator(), quantum, negative, mode);
    boolean inexact = !isMultiple(numerator, value.denominator(), quantum);
    long sign = negative ? signBit() : 0;
    long infinity = infinity();
    // In units of the quantum the bit patterns of one binade count upwards by one.
    long offset = (long) (Math.max(exponent, smallest) - smallest) << fractionBits;
    boolean overflows = exponent > bias || offset + integer.longValueExact() >= infinity;
    if (overflows) {
      return new Rounded(
          sign | (awayFromZero(negative, mode) ? infinity : infinity - 1), FpFlags.OF | FpFlags.NX);
    }
    int flags = !inexact ? 0 : tiny ? FpFlags.UF | FpFlags.NX : FpFlags.NX;
    return new Rounded(sign | (offset + integer.longValueExact()), flags);
  }

  /** The value in units of 2^quantum, rounded to an integer. */
  static BigInteger roundAt(
      BigInteger numerator, BigInteger denominator, int quantum, boolean negative, int mode) {
    BigInteger n = quantum < 0 ? numerator.shiftLeft(-quantum) : numerator;
    BigInteger d = quantum > 0 ? denominator.shiftLeft(quantum) : denominator;
    BigInteger[] parts = n.divideAndRemainder(d);
    int half = parts[1].shiftLeft(1).compareTo(d);
    boolean up =
        switch (mode) {
          case FloatingPoint.RNE -> half > 0 || (half == 0 && parts[0].testBit(0));
          case FloatingPoint.RMM -> half >= 0;
          case FloatingPoint.RDN -> negative && parts[1].signum() != 0;
          case FloatingPoint.RUP -> !negative && parts[1].signum() != 0;
          default -> false;
        };
    return up ? parts[0].add(BigInteger.ONE) : parts[0];
  }

  static boolean isMultiple(BigInteger numerator, BigInteger denominator, int quantum) {
    BigInteger n = quantum < 0 ? numerator.shiftLeft(-quantum) : numerator;
    BigInteger d = quantum > 0 ? denominator.shiftLeft(quantum) : denominator;
    return n.mod(d).signum() == 0;
  }

  private static boolean awayFromZero(boolean negative, int mode) {
    return switch (mode) {
      case FloatingPoint.RNE, FloatingPoint.RMM -> true;
      case FloatingPoint.RDN -> negative;
      case FloatingPoint.RUP -> !negative;
      default -> false;
    };
  }

  private static int floorLog2(BigInteger numerator, BigInteger denominator) {
    int guess = numerator.bitLength() - denominator.bitLength();
    BigInteger n = guess < 0 ? numerator.shiftLeft(-guess) : numerator;
    BigInteger d = guess > 0 ? denominator.shiftLeft(guess) : denominator;
    return n.compareTo(d) < 0 ? guess - 1 : guess;
  }
}
