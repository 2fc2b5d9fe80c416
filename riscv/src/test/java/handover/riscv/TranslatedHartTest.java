package handover.riscv;

/** The same programs with every instruction that can be translated translated before it runs. */
class TranslatedHartTest extends HartTest {
  @Override
  Acceleration acceleration() {
    return Acceleration.EAGER;
  }
}
