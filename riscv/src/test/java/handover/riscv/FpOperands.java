package handover.riscv;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.domains.DomainContextBase;

/** Raw bits that crowd around what goes wrong: edges of the exponent, runs of ones and zeros. */
final class FpOperands extends DomainContextBase {
  /** Raw bits of a double. */
  record Bits64(long bits) {
    double value() {
      return Double.longBitsToDouble(bits);
    }

    boolean signalling() {
      return Double.isNaN(value()) && (bits >>> 51 & 1) == 0;
    }

    @Override
    public String toString() {
      return "0x%016x".formatted(bits);
    }
  }

  /** Raw bits of a single. */
  record Bits32(int bits) {
    float value() {
      return Float.intBitsToFloat(bits);
    }

    boolean signalling() {
      return Float.isNaN(value()) && (bits >>> 22 & 1) == 0;
    }

    @Override
    public String toString() {
      return "0x%08x".formatted(bits);
    }
  }

  /** One of the five rounding modes. */
  record Mode(int code) {}

  @Provide
  Arbitrary<Mode> modes() {
    return Arbitraries.integers().between(0, 4).map(Mode::new);
  }

  @Provide
  Arbitrary<Bits64> doubles() {
    return bits(11, 52).map(Bits64::new);
  }

  @Provide
  Arbitrary<Bits32> singles() {
    return bits(8, 23).map(bits -> new Bits32(bits.intValue()));
  }

  private static Arbitrary<Long> bits(int exponentBits, int fractionBits) {
    long top = (1L << exponentBits) - 1;
    long middle = top / 2;
    Arbitrary<Long> exponent =
        Arbitraries.frequencyOf(
            Tuple.of(4, Arbitraries.longs().between(0, top)),
            Tuple.of(6, Arbitraries.longs().between(middle - fractionBits - 3, middle + 3)),
            Tuple.of(3, Arbitraries.longs().between(middle, middle + 66)),
            Tuple.of(2, Arbitraries.of(0L, 1L, 2L, top - 2, top - 1, top)),
            Tuple.of(1, Arbitraries.longs().between(middle / 2 - 2, middle / 2 + 2)),
            Tuple.of(1, Arbitraries.longs().between(0, fractionBits + 2L)));
    long mask = (1L << fractionBits) - 1;
    Arbitrary<Integer> length = Arbitraries.integers().between(0, fractionBits);
    Arbitrary<Long> run =
        Combinators.combine(length, length)
            .as((from, to) -> ((1L << Math.max(from, to)) - (1L << Math.min(from, to))) & mask);
    Arbitrary<Long> fraction =
        Arbitraries.oneOf(
            Arbitraries.randomValue(random -> random.nextLong() & mask),
            run,
            run.map(bits -> ~bits & mask),
            Combinators.combine(run, run).as((a, b) -> a ^ b));
    return Combinators.combine(Arbitraries.of(0L, 1L), exponent, fraction)
        .as((s, e, f) -> s << (exponentBits + fractionBits) | e << fractionBits | f);
  }
}
