package handover.riscv;

/** The same programs with each region executed twice and compared. */
class LockstepHartTest extends HartTest {
  @Override
  Acceleration acceleration() {
    return Acceleration.EAGER_LOCKSTEP;
  }
}
