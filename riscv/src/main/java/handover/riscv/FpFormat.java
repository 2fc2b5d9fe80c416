package handover.riscv;

/** An IEEE 754 binary interchange format of at most 64 bits, and how its raw bits come apart. */
final class FpFormat {
  /** Single precision. */
  static final FpFormat BINARY32 = new FpFormat(8, 23);

  /** Double precision. */
  static final FpFormat BINARY64 = new FpFormat(11, 52);

  final int fractionBits;
  final int bias;
  final long signBit;
  final long infinity;
  final long canonicalNaN;

  private final int signShift;
  private final long fractionMask;
  private final long quietBit;

  private FpFormat(int exponentBits, int fractionBits) {
    this.fractionBits = fractionBits;
    this.bias = (1 << (exponentBits - 1)) - 1;
    this.signShift = exponentBits + fractionBits;
    this.signBit = 1L << signShift;
    this.fractionMask = (1L << fractionBits) - 1;
    this.infinity = ((1L << exponentBits) - 1) << fractionBits;
    this.quietBit = 1L << (fractionBits - 1);
    this.canonicalNaN = infinity | quietBit;
  }

  /** 0 or 1. */
  int sign(long bits) {
    return (int) (bits >>> signShift) & 1;
  }

  long magnitude(long bits) {
    return bits & (signBit - 1);
  }

  boolean isZero(long bits) {
    return magnitude(bits) == 0;
  }

  boolean isInfinity(long bits) {
    return magnitude(bits) == infinity;
  }

  boolean isFinite(long bits) {
    return (bits & infinity) != infinity;
  }

  boolean isNaN(long bits) {
    return magnitude(bits) > infinity;
  }

  boolean isSignallingNaN(long bits) {
    return isNaN(bits) && (bits & quietBit) == 0;
  }

  long signed(int sign, long magnitude) {
    return (long) sign << signShift | magnitude;
  }

  /** For a finite nonzero number: e, where the magnitude is 1.f × 2^e. Subnormals count too. */
  int exponent(long bits) {
    int field = (int) (magnitude(bits) >>> fractionBits);
    return field != 0
        ? field - bias
        : 64 - Long.numberOfLeadingZeros(bits & fractionMask) - bias - fractionBits;
  }

  /** For a finite nonzero number: 1.f with the leading one in bit 63. */
  long significand(long bits) {
    long fraction = bits & fractionMask;
    return magnitude(bits) >>> fractionBits != 0
        ? Long.MIN_VALUE | fraction << (63 - fractionBits)
        : fraction << Long.numberOfLeadingZeros(fraction);
  }

  /** The bit of {@code fclass} that describes a number. */
  int classify(long bits) {
    if (isNaN(bits)) {
      return isSignallingNaN(bits) ? 1 << 8 : 1 << 9;
    }
    int distance = isInfinity(bits) ? 3 : isZero(bits) ? 0 : isSubnormal(bits) ? 1 : 2;
    return 1 << (sign(bits) == 0 ? 4 + distance : 3 - distance);
  }

  private boolean isSubnormal(long bits) {
    return magnitude(bits) <= fractionMask;
  }
}
