package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.QemuRelease;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import org.junit.jupiter.api.Test;

class ImsicTest {
  private static final int DELIVERY = 0x70;
  private static final int THRESHOLD = 0x72;
  private static final int PENDING = 0x80;
  private static final int ENABLED = 0xc0;

  private boolean wire;
  private final Imsic file = new Imsic("imsic-s0", 1, asserted -> wire = asserted);

  private void open(int... identities) {
    file.select(DELIVERY, 1);
    for (int identity : identities) {
      int register = ENABLED + identity / 64 * 2;
      file.select(register, file.select(register) | 1L << identity);
    }
  }

  @Test
  void theLowestEnabledIdentityIsTakenFirst() {
    open(7, 200);
    file.store(0, 4, 200);
    file.store(4, 4, Integer.reverseBytes(7));
    assertThat(wire).isTrue();
    assertThat(file.top()).isEqualTo(7);
    file.claim(7);
    assertThat(file.top()).isEqualTo(200);
    file.claim(200);
    assertThat(file.top()).isZero();
    assertThat(wire).isFalse();
  }

  @Test
  void onlyWhatIsEnabledBelowTheThresholdAndDeliveredInterrupts() {
    file.message(9);
    assertThat(file.select(PENDING)).isEqualTo(1 << 9);
    assertThat(file.top()).isZero();
    open(9);
    assertThat(wire).isTrue();
    file.select(THRESHOLD, 9);
    assertThat(wire).isFalse();
    file.select(THRESHOLD, 10);
    assertThat(wire).isTrue();
    file.select(DELIVERY, 0);
    assertThat(wire).isFalse();
    assertThat(file.top()).as("known, though not delivered").isEqualTo(9);
  }

  @Test
  void messagesOfIdentitiesThatDoNotExistAreNothing() {
    open(0, 1);
    file.message(0);
    file.message(256);
    file.message(-1);
    file.store(0, 8, 1);
    file.store(8, 4, 1);
    file.select(PENDING, 1);
    assertThat(file.top()).isZero();
    assertThat(file.select(0xbe)).isZero();
    file.select(0xbe, -1);
  }

  @Test
  void moves() {
    open(5, 77);
    file.message(77);
    file.select(THRESHOLD, 100);
    WireWriter out = new WireWriter();
    file.declaration().save(file.snapshot(), out, QemuRelease.QEMU_10_0);
    assertThat(out.toByteArray()).hasSize(1032);
    assertThat(out.toByteArray()[11]).as("QEMU's note that it interrupts").isEqualTo((byte) 3);
    boolean[] there = {false};
    Imsic other = new Imsic("imsic-s0", 1, asserted -> there[0] = asserted);
    ImsicState state = other.blank();
    other.declaration().load(state, new WireReader(out.toByteArray()), 1);
    other.commit(state);
    assertThat(there[0]).isTrue();
    assertThat(other.top()).isEqualTo(77);
    assertThat(other.select(ENABLED)).isEqualTo(1 << 5);
    other.reset();
    assertThat(there[0]).isFalse();
  }
}
