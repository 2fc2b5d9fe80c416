package handover.riscv;

import java.util.SplittableRandom;

/** Operands that crowd around the edges, and the random choices generators share. */
final class OracleValues {
  private static final long[] DOUBLE_EXPONENTS = {
    0, 1, 2, 52, 53, 896, 897, 874, 970, 971, 1021, 1022, 1023, 1024, 1046, 1047, 1053, 1054, 1055,
    1075, 1076, 1085, 1086, 1087, 1149, 1150, 1151, 2045, 2046, 2047
  };
  private static final int[] SINGLE_EXPONENTS = {
    0, 1, 2, 23, 24, 102, 103, 125, 126, 127, 128, 150, 151, 157, 158, 159, 189, 190, 191, 253, 254,
    255
  };

  private final SplittableRandom random;

  OracleValues(SplittableRandom random) {
    this.random = random;
  }

  /** From 0 to {@code bound - 1}. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  long bits() {
    return random.nextLong();
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  long pick(long... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** x0 to x29: any integer register a slot may use. */
  int register() {
    return random.nextInt(OracleImage.RESUME);
  }

  /** x1 to x29. */
  int base() {
    return 1 + random.nextInt(OracleImage.RESUME - 1);
  }

  /** A signed immediate of so many bits. */
  int immediate(int width) {
    return oneIn(4)
        ? pick(0, 1, -1, (1 << (width - 1)) - 1, -1 << (width - 1))
        : random.nextInt() >> (32 - width);
  }

  long integer() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(-4, 5);
      case 1 -> (1L << random.nextInt(64)) + random.nextInt(-1, 2);
      case 2 -> random.nextInt();
      case 3 -> pick(Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case 4 -> random.nextLong() >> random.nextInt(64);
      default -> random.nextLong();
    };
  }

  long doubleBits() {
    long exponent =
        oneIn(2)
            ? pick(DOUBLE_EXPONENTS)
            : oneIn(2) ? 1023 + random.nextInt(-60, 60) : random.nextInt(2048);
    return random.nextLong() & Long.MIN_VALUE | exponent << 52 | fraction(52);
  }

  int singleBits() {
    int exponent =
        oneIn(2)
            ? pick(SINGLE_EXPONENTS)
            : oneIn(2) ? 127 + random.nextInt(-30, 30) : random.nextInt(256);
    return random.nextInt() & Integer.MIN_VALUE | exponent << 23 | (int) fraction(23);
  }

  /** A single as a register holds it: boxed, rarely not. */
  long boxedSingle() {
    return oneIn(30) ? doubleBits() : 0xffff_ffff_0000_0000L | singleBits();
  }

  private long fraction(int width) {
    long mask = (1L << width) - 1;
    long run = mask >>> random.nextInt(width);
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> run;
      case 2 -> mask & ~run;
      case 3 -> 1L << random.nextInt(width);
      default -> random.nextLong() & mask;
    };
  }
}
