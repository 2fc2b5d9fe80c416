package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import handover.riscv.FpOperands.Bits32;
import handover.riscv.FpOperands.Bits64;
import handover.riscv.FpOperands.Mode;
import handover.riscv.FpOracle.Rounded;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;

/** Arithmetic of both formats against exact rationals, and against the host's own arithmetic. */
@Domain(FpOperands.class)
class FpArithmeticTest {
  private static final FpOracle DOUBLES = new FpOracle(11, 52);
  private static final FpOracle SINGLES = new FpOracle(8, 23);

  /** An operation under test, singles in the low half. */
  private interface Operation {
    long apply(FpFlags flags);
  }

  @Property(tries = 4000)
  void addsDoubles(@ForAll Bits64 a, @ForAll Bits64 b, @ForAll Mode mode) {
    boolean signalling = a.signalling() || b.signalling();
    check(
        DOUBLES.sum(a.value(), b.value(), signalling, mode.code()),
        f -> Binary64.add(a.bits(), b.bits(), mode.code(), f));
    check(
        DOUBLES.sum(a.value(), -b.value(), signalling, mode.code()),
        f -> Binary64.subtract(a.bits(), b.bits(), mode.code(), f));
  }

  @Property(tries = 4000)
  void multipliesDoubles(@ForAll Bits64 a, @ForAll Bits64 b, @ForAll Mode mode) {
    check(
        DOUBLES.product(a.value(), b.value(), a.signalling() || b.signalling(), mode.code()),
        f -> Binary64.multiply(a.bits(), b.bits(), mode.code(), f));
  }

  @Property(tries = 4000)
  void dividesDoubles(@ForAll Bits64 a, @ForAll Bits64 b, @ForAll Mode mode) {
    check(
        DOUBLES.quotient(a.value(), b.value(), a.signalling() || b.signalling(), mode.code()),
        f -> Binary64.divide(a.bits(), b.bits(), mode.code(), f));
  }

  @Property(tries = 2000)
  void takesRootsOfDoubles(@ForAll Bits64 a, @ForAll Mode mode) {
    check(
        DOUBLES.squareRoot(a.value(), a.signalling(), mode.code()),
        f -> Binary64.squareRoot(a.bits(), mode.code(), f));
  }

  @Property(tries = 4000)
  void fusesDoubles(@ForAll Bits64 a, @ForAll Bits64 b, @ForAll Bits64 c, @ForAll Mode mode) {
    boolean signalling = a.signalling() || b.signalling() || c.signalling();
    check(
        DOUBLES.fused(a.value(), b.value(), c.value(), signalling, mode.code()),
        f -> Binary64.multiplyAdd(a.bits(), b.bits(), c.bits(), mode.code(), f));
    check(
        DOUBLES.fused(a.value(), b.value(), -c.value(), signalling, mode.code()),
        f -> Binary64.multiplySubtract(a.bits(), b.bits(), c.bits(), mode.code(), f));
    check(
        DOUBLES.fused(-a.value(), b.value(), c.value(), signalling, mode.code()),
        f -> Binary64.negatedMultiplySubtract(a.bits(), b.bits(), c.bits(), mode.code(), f));
    check(
        DOUBLES.fused(-a.value(), b.value(), -c.value(), signalling, mode.code()),
        f -> Binary64.negatedMultiplyAdd(a.bits(), b.bits(), c.bits(), mode.code(), f));
  }

  @Property(tries = 2000)
  void cancelsInFusedDoubles(@ForAll Bits64 a, @ForAll Bits64 b, @ForAll Mode mode) {
    double product = a.value() * b.value();
    if (Double.isFinite(product)) {
      fusesDoubles(a, b, new Bits64(Double.doubleToRawLongBits(-product)), mode);
      fusesDoubles(a, b, new Bits64(Double.doubleToRawLongBits(-Math.nextUp(product))), mode);
    }
  }

  @Property(tries = 4000)
  void addsSingles(@ForAll Bits32 a, @ForAll Bits32 b, @ForAll Mode mode) {
    boolean signalling = a.signalling() || b.signalling();
    check(
        SINGLES.sum(a.value(), b.value(), signalling, mode.code()),
        f -> single(Binary32.add(a.bits(), b.bits(), mode.code(), f)));
    check(
        SINGLES.sum(a.value(), -b.value(), signalling, mode.code()),
        f -> single(Binary32.subtract(a.bits(), b.bits(), mode.code(), f)));
  }

  @Property(tries = 4000)
  void multipliesSingles(@ForAll Bits32 a, @ForAll Bits32 b, @ForAll Mode mode) {
    check(
        SINGLES.product(a.value(), b.value(), a.signalling() || b.signalling(), mode.code()),
        f -> single(Binary32.multiply(a.bits(), b.bits(), mode.code(), f)));
  }

  @Property(tries = 4000)
  void dividesSingles(@ForAll Bits32 a, @ForAll Bits32 b, @ForAll Mode mode) {
    check(
        SINGLES.quotient(a.value(), b.value(), a.signalling() || b.signalling(), mode.code()),
        f -> single(Binary32.divide(a.bits(), b.bits(), mode.code(), f)));
  }

  @Property(tries = 2000)
  void takesRootsOfSingles(@ForAll Bits32 a, @ForAll Mode mode) {
    check(
        SINGLES.squareRoot(a.value(), a.signalling(), mode.code()),
        f -> single(Binary32.squareRoot(a.bits(), mode.code(), f)));
  }

  @Property(tries = 4000)
  void fusesSingles(@ForAll Bits32 a, @ForAll Bits32 b, @ForAll Bits32 c, @ForAll Mode mode) {
    boolean signalling = a.signalling() || b.signalling() || c.signalling();
    check(
        SINGLES.fused(a.value(), b.value(), c.value(), signalling, mode.code()),
        f -> single(Binary32.multiplyAdd(a.bits(), b.bits(), c.bits(), mode.code(), f)));
    check(
        SINGLES.fused(a.value(), b.value(), -c.value(), signalling, mode.code()),
        f -> single(Binary32.multiplySubtract(a.bits(), b.bits(), c.bits(), mode.code(), f)));
    check(
        SINGLES.fused(-a.value(), b.value(), c.value(), signalling, mode.code()),
        f ->
            single(Binary32.negatedMultiplySubtract(a.bits(), b.bits(), c.bits(), mode.code(), f)));
    check(
        SINGLES.fused(-a.value(), b.value(), -c.value(), signalling, mode.code()),
        f -> single(Binary32.negatedMultiplyAdd(a.bits(), b.bits(), c.bits(), mode.code(), f)));
  }

  @Property(tries = 2000)
  void cancelsInFusedSingles(@ForAll Bits32 a, @ForAll Bits32 b, @ForAll Mode mode) {
    float product = a.value() * b.value();
    if (Float.isFinite(product)) {
      fusesSingles(a, b, new Bits32(Float.floatToRawIntBits(-product)), mode);
      fusesSingles(a, b, new Bits32(Float.floatToRawIntBits(-Math.nextUp(product))), mode);
    }
  }

  @Property(tries = 4000)
  void softDoublesEqualTheHosts(@ForAll Bits64 a, @ForAll Bits64 b, @ForAll Bits64 c) {
    FpFormat format = FpFormat.BINARY64;
    FpFlags flags = new FpFlags();
    int mode = FloatingPoint.RNE;
    checkHost(SoftFloat.add(format, a.bits(), b.bits(), mode, flags), a.value() + b.value());
    checkHost(SoftFloat.multiply(format, a.bits(), b.bits(), mode, flags), a.value() * b.value());
    checkHost(SoftFloat.divide(format, a.bits(), b.bits(), mode, flags), a.value() / b.value());
    checkHost(SoftFloat.squareRoot(format, a.bits(), mode, flags), Math.sqrt(a.value()));
    checkHost(
        SoftFloat.fusedMultiplyAdd(format, a.bits(), b.bits(), c.bits(), mode, flags),
        Math.fma(a.value(), b.value(), c.value()));
  }

  private static void checkHost(long actual, double host) {
    assertThat(actual).isEqualTo(Double.doubleToLongBits(host));
  }

  private static long single(int bits) {
    return Integer.toUnsignedLong(bits);
  }

  // The fast paths differ with NX already accrued or not.
  private static void check(Rounded expected, Operation operation) {
    FpFlags fresh = new FpFlags();
    assertThat(new Rounded(operation.apply(fresh), fresh.accrued)).isEqualTo(expected);
    FpFlags inexact = new FpFlags();
    inexact.raise(FpFlags.NX);
    assertThat(new Rounded(operation.apply(inexact), inexact.accrued))
        .isEqualTo(new Rounded(expected.bits(), expected.flags() | FpFlags.NX));
  }
}
