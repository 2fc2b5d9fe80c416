package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.StreamException;
import org.junit.jupiter.api.Test;

final class PlicTest {
  private static final long ENABLE = 0x2000;
  private static final long PENDING = 0x1000;
  private static final long CONTEXT = 0x200000;

  private final Level machine = new Level();
  private final Level supervisor = new Level();
  private final Plic plic = new Plic(machine, supervisor);

  private void enable(int context, int irq, int priority) {
    plic.store(irq * 4L, 4, priority);
    long word = ENABLE + context * 0x80L + (irq >>> 5) * 4L;
    plic.store(word, 4, plic.load(word, 4) | 1L << (irq & 31));
  }

  private long claim(int context) {
    return plic.load(CONTEXT + context * 0x1000L + 4, 4);
  }

  private void complete(int context, long irq) {
    plic.store(CONTEXT + context * 0x1000L + 4, 4, irq);
  }

  @Test
  void aLevelIsClaimedOnceAndComesBackAfterCompletionWhileHigh() {
    enable(1, 10, 1);
    InterruptLine uart = plic.input(10);
    uart.set(true);
    assertThat(supervisor.high()).isTrue();
    assertThat(machine.high()).isFalse();
    assertThat(claim(1)).isEqualTo(10);
    assertThat(supervisor.high()).isFalse();
    assertThat(claim(1)).isZero();
    complete(1, 10);
    assertThat(supervisor.high()).isTrue();
    assertThat(claim(1)).isEqualTo(10);
    uart.set(false);
    complete(1, 10);
    assertThat(supervisor.high()).isFalse();
    assertThat(claim(1)).isZero();
  }

  @Test
  void aLevelThatFallsBeforeItWasClaimedIsWithdrawn() {
    enable(1, 40, 1);
    plic.input(40).set(true);
    assertThat(plic.load(PENDING + 4, 4)).isEqualTo(1 << 8);
    plic.input(40).set(false);
    assertThat(supervisor.high()).isFalse();
    assertThat(claim(1)).isZero();
  }

  @Test
  void higherPriorityFirstThenLowerNumber() {
    enable(0, 3, 2);
    enable(0, 4, 2);
    enable(0, 70, 7);
    plic.input(4).set(true);
    plic.input(3).set(true);
    plic.input(70).set(true);
    assertThat(claim(0)).isEqualTo(70);
    assertThat(claim(0)).isEqualTo(3);
    assertThat(claim(0)).isEqualTo(4);
  }

  @Test
  void thresholdMasksTheNotificationButNotTheClaim() {
    enable(0, 5, 3);
    plic.store(CONTEXT, 4, 3);
    plic.input(5).set(true);
    assertThat(machine.high()).isFalse();
    assertThat(claim(0)).isEqualTo(5);
    complete(0, 5);
    plic.store(CONTEXT, 4, 2);
    assertThat(machine.high()).isTrue();
  }

  @Test
  void priorityZeroNeverInterruptsAndPrioritiesKeepThreeBits() {
    enable(0, 5, 0);
    plic.input(5).set(true);
    assertThat(machine.high()).isFalse();
    assertThat(claim(0)).isZero();
    plic.store(5 * 4, 4, 0xff);
    assertThat(plic.load(5 * 4, 4)).isEqualTo(7);
  }

  @Test
  void aSourceClaimedByOneContextIsNotOfferedToAnother() {
    enable(0, 8, 1);
    enable(1, 8, 1);
    plic.input(8).set(true);
    assertThat(claim(0)).isEqualTo(8);
    assertThat(supervisor.high()).isFalse();
    assertThat(claim(1)).isZero();
  }

  @Test
  void registersThatDoNotExistAreHarmless() {
    for (long offset = 0; offset < Plic.SIZE; offset += 0x7c) {
      plic.store(offset & -4, 4, -1);
      plic.load(offset & -4, 4);
    }
    plic.store(CONTEXT + 4, 4, 0xffff_ffffL);
    plic.store(ENABLE, 4, 0xffff_ffffL);
    assertThat(plic.load(ENABLE, 4)).as("source 0 stays off").isEqualTo(0xffff_fffeL);
    assertThat(plic.load(0, 8)).as("only words are registers").isZero();
    assertThatThrownBy(() -> plic.input(96)).hasMessageContaining("1..95");
  }

  @Test
  void movesWithPendingAndClaimedInterrupts() {
    enable(1, 1, 1);
    enable(1, 2, 1);
    plic.input(1).set(true);
    plic.input(2).set(true);
    assertThat(claim(1)).isEqualTo(1);
    byte[] payload = Wire.save(plic);
    assertThat(payload).hasSize(440);

    Level output = new Level();
    Plic other = new Plic(InterruptLine.NONE, output);
    Wire.load(other, payload);
    assertThat(output.high()).isTrue();
    assertThat(other.load(CONTEXT + 0x1004, 4)).isEqualTo(2);
    other.input(1).set(true);
    assertThat(output.high()).as("1 is still claimed").isFalse();
    other.store(CONTEXT + 0x1004, 4, 1);
    assertThat(other.load(CONTEXT + 0x1004, 4)).isEqualTo(1);
    assertThat(Wire.save(new Plic(new Level(), new Level(), new Level(), new Level())))
        .as("two harts")
        .hasSize(384 + 16 + 24 + 48);
  }

  @Test
  void aPriorityThatCannotBeIsRefused() {
    byte[] payload = Wire.save(plic);
    payload[4 * 9] = 1;
    assertThatThrownBy(() -> Wire.load(plic, payload))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("source_priority[9]");
  }

  @Test
  void resetForgetsAllButTheLevels() {
    enable(0, 6, 1);
    plic.input(6).set(true);
    plic.reset();
    assertThat(machine.high()).isFalse();
    assertThat(plic.load(6 * 4, 4)).isZero();
    enable(0, 6, 1);
    assertThat(machine.high()).isTrue();
  }
}
