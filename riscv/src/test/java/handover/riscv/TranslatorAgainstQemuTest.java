package handover.riscv;

/**
 * The same with every instruction that can be translated translated before it runs. Shorter
 * programs: each piece of one becomes a class.
 */
class TranslatorAgainstQemuTest extends HartAgainstQemuTest {
  private static final int SLOTS = Integer.getInteger("oracle.slots", 500);

  @Override
  Acceleration acceleration() {
    return Acceleration.EAGER;
  }

  @Override
  int slots() {
    return SLOTS;
  }
}
