package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import handover.riscv.FpOperands.Bits32;
import handover.riscv.FpOperands.Bits64;
import handover.riscv.FpOperands.Mode;
import handover.riscv.FpOracle.Rational;
import handover.riscv.FpOracle.Rounded;
import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;

/** {@code fcvt} in all directions against exact rationals. */
@Domain(FpOperands.class)
class FpConversionsTest {
  private static final FpOracle DOUBLES = new FpOracle(11, 52);
  private static final FpOracle SINGLES = new FpOracle(8, 23);
  private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

  /** A conversion under test. */
  private interface Conversion {
    long apply(FpFlags flags);
  }

  @Property(tries = 4000)
  void narrowsDoubles(@ForAll Bits64 a, @ForAll Mode mode) {
    // Adding zero of the same sign rounds to the format and changes nothing else.
    double zero = Math.copySign(0.0, a.value());
    check(
        SINGLES.sum(a.value(), zero, a.signalling(), mode.code()),
        f -> Integer.toUnsignedLong(FpConversions.doubleToSingle(a.bits(), mode.code(), f)));
  }

  @Property(tries = 2000)
  void widensSingles(@ForAll Bits32 a) {
    double zero = Math.copySign(0.0, a.value());
    check(
        DOUBLES.sum(a.value(), zero, a.signalling(), FloatingPoint.RNE),
        f -> FpConversions.singleToDouble(a.bits(), f));
  }

  @Property(tries = 4000)
  void fromIntegers(@ForAll Bits64 source, @ForAll Mode mode) {
    long signed = source.bits() >> (source.bits() & 63);
    int m = mode.code();
    check(fromLong(DOUBLES, signed, m), f -> FpConversions.longToDouble(signed, m, f));
    check(fromLong(SINGLES, signed, m), f -> wide(FpConversions.longToSingle(signed, m, f)));
    check(fromUnsigned(DOUBLES, signed, m), f -> FpConversions.unsignedLongToDouble(signed, m, f));
    check(
        fromUnsigned(SINGLES, signed, m),
        f -> wide(FpConversions.unsignedLongToSingle(signed, m, f)));
    int word = (int) signed;
    long unsignedWord = Integer.toUnsignedLong(word);
    check(fromLong(DOUBLES, word, m), f -> FpConversions.wordToDouble(word));
    check(fromLong(DOUBLES, unsignedWord, m), f -> FpConversions.unsignedWordToDouble(word));
    check(fromLong(SINGLES, word, m), f -> wide(FpConversions.wordToSingle(word, m, f)));
    check(
        fromLong(SINGLES, unsignedWord, m),
        f -> wide(FpConversions.unsignedWordToSingle(word, m, f)));
  }

  @Property(tries = 4000)
  void doublesToIntegers(@ForAll Bits64 a, @ForAll Mode mode) {
    int m = mode.code();
    double x = a.value();
    check(toInteger(x, true, 32, m), f -> FpConversions.doubleToWord(a.bits(), m, f));
    check(toInteger(x, false, 32, m), f -> FpConversions.doubleToUnsignedWord(a.bits(), m, f));
    check(toInteger(x, true, 64, m), f -> FpConversions.doubleToLong(a.bits(), m, f));
    check(toInteger(x, false, 64, m), f -> FpConversions.doubleToUnsignedLong(a.bits(), m, f));
  }

  @Property(tries = 4000)
  void singlesToIntegers(@ForAll Bits32 a, @ForAll Mode mode) {
    int m = mode.code();
    double x = a.value();
    check(toInteger(x, true, 32, m), f -> FpConversions.singleToWord(a.bits(), m, f));
    check(toInteger(x, false, 32, m), f -> FpConversions.singleToUnsignedWord(a.bits(), m, f));
    check(toInteger(x, true, 64, m), f -> FpConversions.singleToLong(a.bits(), m, f));
    check(toInteger(x, false, 64, m), f -> FpConversions.singleToUnsignedLong(a.bits(), m, f));
  }

  @Property(tries = 4000)
  void integersNearTheLimits(@ForAll Mode mode, @ForAll Bits64 noise) {
    long bits = noise.bits();
    double limit =
        Math.scalb(1.0, (bits & 1) == 0 ? (bits & 2) == 0 ? 31 : 32 : (bits & 2) == 0 ? 63 : 64);
    double near = limit + ((bits >> 2 & 15) - 8) * ((bits & 64) == 0 ? 0.25 : Math.ulp(limit) / 2);
    double signed = (bits & 128) == 0 ? near : -near;
    doublesToIntegers(new Bits64(Double.doubleToRawLongBits(signed)), mode);
    singlesToIntegers(new Bits32(Float.floatToRawIntBits((float) signed)), mode);
  }

  private static long wide(int bits) {
    return Integer.toUnsignedLong(bits);
  }

  private static Rounded fromLong(FpOracle format, long value, int mode) {
    return fromBig(format, BigInteger.valueOf(value), mode);
  }

  private static Rounded fromUnsigned(FpOracle format, long value, int mode) {
    BigInteger big = BigInteger.valueOf(value);
    return fromBig(format, big.signum() < 0 ? big.add(TWO_64) : big, mode);
  }

  private static Rounded fromBig(FpOracle format, BigInteger value, int mode) {
    return value.signum() == 0
        ? new Rounded(0, 0)
        : format.round(new Rational(value, BigInteger.ONE), mode);
  }

  private static Rounded toInteger(double value, boolean signed, int width, int mode) {
    BigInteger highest =
        BigInteger.ONE.shiftLeft(signed ? width - 1 : width).subtract(BigInteger.ONE);
    BigInteger lowest = signed ? highest.not() : BigInteger.ZERO;
    if (!Double.isFinite(value)) {
      return new Rounded(inRegister(value < 0 ? lowest : highest, width), FpFlags.NV);
    }
    Rational exact = FpOracle.exact(Math.abs(value));
    BigInteger magnitude =
        FpOracle.roundAt(exact.numerator(), exact.denominator(), 0, value < 0, mode);
    BigInteger rounded = value < 0 ? magnitude.negate() : magnitude;
    if (rounded.compareTo(lowest) < 0 || rounded.compareTo(highest) > 0) {
      return new Rounded(inRegister(value < 0 ? lowest : highest, width), FpFlags.NV);
    }
    boolean inexact = !FpOracle.isMultiple(exact.numerator(), exact.denominator(), 0);
    return new Rounded(inRegister(rounded, width), inexact ? FpFlags.NX : 0);
  }

  private static long inRegister(BigInteger value, int width) {
    return width == 32 ? value.intValue() : value.longValue();
  }

  private static void check(Rounded expected, Conversion conversion) {
    FpFlags flags = new FpFlags();
    assertThat(new Rounded(conversion.apply(flags), flags.accrued)).isEqualTo(expected);
  }
}
