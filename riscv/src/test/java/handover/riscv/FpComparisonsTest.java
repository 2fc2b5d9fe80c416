package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import handover.riscv.FpOperands.Bits32;
import handover.riscv.FpOperands.Bits64;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;

/** Comparisons, minima and maxima, sign injection, classes and boxing. */
@Domain(FpOperands.class)
class FpComparisonsTest {
  private static final int SNAN = 0x7fa0_0000;
  private static final int QNAN = 0x7fc0_0001;

  private final FpFlags flags = new FpFlags();

  @Property(tries = 4000)
  void comparesDoubles(@ForAll Bits64 a, @ForAll Bits64 b) {
    boolean unordered = Double.isNaN(a.value()) || Double.isNaN(b.value());
    boolean signalling = a.signalling() || b.signalling();
    flags.accrued = 0;
    assertThat(Binary64.equal(a.bits(), b.bits(), flags) == 1).isEqualTo(a.value() == b.value());
    assertThat(flags.accrued).isEqualTo(signalling ? FpFlags.NV : 0);
    flags.accrued = 0;
    assertThat(Binary64.less(a.bits(), b.bits(), flags) == 1).isEqualTo(a.value() < b.value());
    assertThat(flags.accrued).isEqualTo(unordered ? FpFlags.NV : 0);
    flags.accrued = 0;
    assertThat(Binary64.lessOrEqual(a.bits(), b.bits(), flags) == 1)
        .isEqualTo(a.value() <= b.value());
    assertThat(flags.accrued).isEqualTo(unordered ? FpFlags.NV : 0);
  }

  @Property(tries = 4000)
  void comparesSingles(@ForAll Bits32 a, @ForAll Bits32 b) {
    boolean unordered = Float.isNaN(a.value()) || Float.isNaN(b.value());
    boolean signalling = a.signalling() || b.signalling();
    flags.accrued = 0;
    assertThat(Binary32.equal(a.bits(), b.bits(), flags) == 1).isEqualTo(a.value() == b.value());
    assertThat(flags.accrued).isEqualTo(signalling ? FpFlags.NV : 0);
    flags.accrued = 0;
    assertThat(Binary32.less(a.bits(), b.bits(), flags) == 1).isEqualTo(a.value() < b.value());
    assertThat(flags.accrued).isEqualTo(unordered ? FpFlags.NV : 0);
    flags.accrued = 0;
    assertThat(Binary32.lessOrEqual(a.bits(), b.bits(), flags) == 1)
        .isEqualTo(a.value() <= b.value());
    assertThat(flags.accrued).isEqualTo(unordered ? FpFlags.NV : 0);
  }

  @Property(tries = 4000)
  void ordersNumbers(@ForAll Bits64 a, @ForAll Bits64 b, @ForAll Bits32 c, @ForAll Bits32 d) {
    flags.accrued = 0;
    if (!Double.isNaN(a.value()) && !Double.isNaN(b.value())) {
      long lower = Double.doubleToRawLongBits(Math.min(a.value(), b.value()));
      long upper = Double.doubleToRawLongBits(Math.max(a.value(), b.value()));
      assertThat(Binary64.min(a.bits(), b.bits(), flags)).isEqualTo(lower);
      assertThat(Binary64.max(a.bits(), b.bits(), flags)).isEqualTo(upper);
    }
    if (!Float.isNaN(c.value()) && !Float.isNaN(d.value())) {
      int lower = Float.floatToRawIntBits(Math.min(c.value(), d.value()));
      int upper = Float.floatToRawIntBits(Math.max(c.value(), d.value()));
      assertThat(Binary32.min(c.bits(), d.bits(), flags)).isEqualTo(lower);
      assertThat(Binary32.max(c.bits(), d.bits(), flags)).isEqualTo(upper);
    }
    assertThat(flags.accrued).isZero();
  }

  @Example
  void prefersNumbersToNaNs() {
    int one = Float.floatToRawIntBits(1);
    assertThat(Binary32.min(one, QNAN, flags)).isEqualTo(one);
    assertThat(Binary32.max(QNAN, one, flags)).isEqualTo(one);
    assertThat(Binary32.max(QNAN, QNAN, flags)).isEqualTo(Binary32.CANONICAL_NAN);
    assertThat(flags.accrued).isZero();
    assertThat(Binary32.min(one, SNAN, flags)).isEqualTo(one);
    assertThat(flags.accrued).isEqualTo(FpFlags.NV);
    long signalling = 0x7ff0_0000_0000_0001L;
    assertThat(Binary64.max(signalling, signalling, flags)).isEqualTo(Binary64.CANONICAL_NAN);
  }

  @Example
  void ordersZeros() {
    assertThat(Binary64.min(0, Long.MIN_VALUE, flags)).isEqualTo(Long.MIN_VALUE);
    assertThat(Binary64.max(Long.MIN_VALUE, 0, flags)).isZero();
    assertThat(Binary32.min(Integer.MIN_VALUE, 0, flags)).isEqualTo(Integer.MIN_VALUE);
    assertThat(Binary32.max(0, Integer.MIN_VALUE, flags)).isZero();
  }

  @Example
  void classifies() {
    int[] ascending = {
      0xff80_0000, 0xff7f_ffff, 0x8000_0001, 0x8000_0000, 0, 1, 0x0080_0000, 0x7f80_0000, SNAN, QNAN
    };
    for (int i = 0; i < ascending.length; i++) {
      assertThat(Binary32.classify(ascending[i])).isEqualTo(1L << i);
    }
    assertThat(Binary64.classify(0xfff8_0000_0000_0000L)).isEqualTo(1 << 9);
    assertThat(Binary64.classify(0x000f_ffff_ffff_ffffL)).isEqualTo(1 << 5);
    assertThat(Binary64.classify(0x8010_0000_0000_0000L)).isEqualTo(1 << 1);
  }

  @Example
  void injectsSigns() {
    int two = Float.floatToRawIntBits(2);
    int minusTwo = Float.floatToRawIntBits(-2);
    assertThat(Binary32.signInject(two, minusTwo)).isEqualTo(minusTwo);
    assertThat(Binary32.signInjectNegated(two, minusTwo)).isEqualTo(two);
    assertThat(Binary32.signInjectXor(minusTwo, minusTwo)).isEqualTo(two);
    assertThat(Binary64.signInject(5, Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE | 5);
    assertThat(Binary64.signInjectNegated(5, 0)).isEqualTo(Long.MIN_VALUE | 5);
    assertThat(Binary64.signInjectXor(Long.MIN_VALUE | 5, -1)).isEqualTo(5);
  }

  @Example
  void boxes() {
    assertThat(FloatingPoint.boxS(0x3f80_0000)).isEqualTo(0xffff_ffff_3f80_0000L);
    assertThat(FloatingPoint.boxS(minusZero())).isEqualTo(0xffff_ffff_8000_0000L);
    assertThat(FloatingPoint.unboxS(0xffff_ffff_8000_0000L)).isEqualTo(minusZero());
    assertThat(FloatingPoint.unboxS(0xffff_fffe_8000_0000L)).isEqualTo(Binary32.CANONICAL_NAN);
  }

  private static int minusZero() {
    return Integer.MIN_VALUE;
  }
}
