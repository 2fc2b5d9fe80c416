package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.pci.PciAddress;
import handover.devices.virtio.OurPciMachine.Message;
import handover.devices.virtio.TestRing.Piece;
import handover.vmstate.GroupForm;
import handover.vmstate.StreamException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Register walks over PCI (virtio 1.2, 4.1), interrupts of both kinds, and moves. */
class VirtioPciTest {
  private static final int SLOT = 5;
  private static final Map<String, String> MODERN = Map.of("disable-legacy", "on");

  private final OurPciMachine machine = new OurPciMachine();
  private final EchoDevice device = new EchoDevice(machine.memory());
  private final PciDriver driver = new PciDriver(machine, SLOT);
  private EchoDevice arrived;

  @AfterEach
  void close() {
    device.close();
    if (arrived != null) {
      arrived.close();
    }
  }

  private PciDriver plugged() {
    machine.plug(SLOT, device, MODERN);
    return driver.probe();
  }

  private boolean line() {
    return machine.wire(new PciAddress(SLOT, 0));
  }

  private void echo(int queue, int value) {
    driver.ring(queue).add(Piece.out((byte) value), Piece.in(1));
    driver.kick(queue);
    assertThat(driver.ring(queue).await().written()).containsExactly(value);
  }

  private static void until(String what, java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("within 10 s: %s", what).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void showsWhatItIs() {
    plugged();
    assertThat(driver.config(0, 4)).isEqualTo(0x1040_1af4L + (42 << 16));
    assertThat(driver.config(8, 1)).isEqualTo(1);
    assertThat(driver.config(0x3d, 1)).isEqualTo(1);
    assertThat(driver.read(0x12, 2)).isEqualTo(2);
    assertThat(driver.offered())
        .isEqualTo(
            Features.VERSION_1
                | Features.RING_EVENT_IDX
                | Features.RING_INDIRECT_DESC
                | Features.RING_RESET);
    assertThat(driver.deviceConfig(0, 4)).isEqualTo(0x0a0b0c0dL);
    assertThat(driver.deviceConfig(2, 1)).isEqualTo(0x0b);
    assertThat(driver.deviceConfig(0xff8, 8)).isZero();
    assertThat(device.sectionName()).isEqualTo("0000:00:05.0/virtio-echo");
  }

  @Test
  void queuesAnswerAndThoseThatAreNotThereDoNot() {
    plugged();
    driver.write(0x16, 2, 1);
    assertThat(driver.read(0x18, 2)).isEqualTo(64);
    assertThat(driver.read(0x1e, 2)).isEqualTo(1);
    driver.write(0x16, 2, 2);
    assertThat(driver.read(0x18, 2)).isZero();
    driver.write(0x18, 2, 3);
    driver.write(0x1c, 2, 1);
    driver.kick(2);
    driver.kick(1023);
    assertThat(driver.status()).isZero();
  }

  @Test
  void servesChainsAndInterruptsOnThePin() {
    plugged().start(0);
    echo(0, 7);
    echo(1, 8);
    until("the line rises", this::line);
    assertThat(driver.config(6, 2) & 8).isEqualTo(8);
    assertThat(driver.interruptStatus()).isEqualTo(1);
    assertThat(line()).isFalse();
    assertThat(driver.interruptStatus()).isZero();
    driver.config(4, 2, 0x406);
    echo(0, 9);
    until("the pin is pending", () -> (driver.config(6, 2) & 8) != 0);
    assertThat(line()).as("INTx is disabled").isFalse();
    driver.config(4, 2, 6);
    assertThat(line()).isTrue();
  }

  @Test
  void messagesTakeThePinsPlace() {
    plugged().start(0);
    driver.useVectors();
    driver.vector(2, 0xfee0_0000_1000L, 0x42, false);
    echo(1, 1);
    until("a message", () -> !machine.messages.isEmpty());
    assertThat(machine.takeMessages()).containsExactly(new Message(0xfee0_0000_1000L, 0x42));
    assertThat(line()).isFalse();
    echo(0, 2);
    until("vector 1, which is masked, to be pending", () -> driver.pending() == 2);
    driver.vector(1, 0x1000, 7, false);
    assertThat(machine.takeMessages()).containsExactly(new Message(0x1000, 7));
    assertThat(driver.pending()).isZero();
  }

  @Test
  void theFunctionsMaskHoldsAllVectors() {
    plugged().start(0);
    driver.useVectors();
    driver.vector(1, 0x1000, 1, false);
    driver.vector(2, 0x1000, 2, false);
    driver.functionMask(true);
    echo(0, 1);
    echo(1, 1);
    until("both to be pending", () -> driver.pending() == 6);
    driver.functionMask(false);
    assertThat(machine.takeMessages())
        .containsExactly(new Message(0x1000, 1), new Message(0x1000, 2));
  }

  @Test
  void aVectorThatIsNotThereIsNone() {
    plugged();
    driver.write(0x10, 2, 3);
    assertThat(driver.read(0x10, 2)).isEqualTo(0xffff);
    driver.write(0x10, 2, 2);
    assertThat(driver.read(0x10, 2)).isEqualTo(2);
    driver.status(1);
    driver.status(0);
    assertThat(driver.read(0x10, 2)).as("after a reset").isEqualTo(0xffff);
  }

  @Test
  void withoutBusMasteryNoMemoryIsTouched() {
    plugged().start(0);
    echo(0, 1);
    driver.config(4, 2, 2);
    driver.ring(0).add(Piece.out((byte) 2), Piece.in(1));
    driver.kick(0);
    device.pause();
    device.resume();
    assertThat(driver.ring(0).take()).isEmpty();
    driver.config(4, 2, 6);
    assertThat(driver.ring(0).await().written()).containsExactly(2);
  }

  @Test
  void aQueueIsResetAlone() {
    plugged().start(Features.RING_RESET);
    echo(0, 1);
    driver.write(0x16, 2, 0);
    driver.write(0x3a, 2, 1);
    assertThat(driver.read(0x3a, 2)).isZero();
    assertThat(driver.read(0x1c, 2)).isZero();
    driver.addRing(0, false);
    echo(0, 2);
    echo(1, 3);
  }

  @Test
  void configurationSpaceReachesTheRegisters() {
    plugged();
    driver.config(0x88, 1, 4);
    driver.config(0x8c, 4, 0x14);
    driver.config(0x90, 4, 1);
    driver.config(0x94, 4, 3);
    assertThat(driver.status()).isEqualTo(3);
    driver.config(0x8c, 4, 0x2000);
    driver.config(0x90, 4, 4);
    assertThat(driver.config(0x94, 4)).isEqualTo(0x0a0b0c0dL);
    assertThat(driver.config(0x96, 1)).isEqualTo(0x0b);
    driver.config(0x8c, 4, 0xffff_fffcL);
    driver.config(0x94, 4, 0);
    driver.config(0x8c, 4, 0x15);
    driver.config(0x94, 4, 0);
    driver.config(0x88, 1, 1);
    driver.config(0x94, 4, 0);
    assertThat(driver.status()).as("what names no register writes none").isEqualTo(3);
  }

  private PciDriver transitional() {
    EchoDevice old = new EchoDevice(machine.memory(), false, 4);
    arrived = old;
    machine.plug(SLOT, old, Map.of());
    return driver.probe();
  }

  @Test
  void theOldInterfaceServesChainsToo() {
    transitional().startLegacy();
    assertThat(driver.config(0, 4)).isEqualTo(0x1005_1af4L);
    driver.ring(0).add(Piece.out((byte) 5), Piece.in(1));
    driver.kickLegacy(0);
    assertThat(driver.ring(0).await().written()).containsExactly(5);
    until("the line rises", this::line);
    assertThat(machine.load(driver.ports() + 19, 1)).isEqualTo(1);
    assertThat(line()).isFalse();
    assertThat(machine.load(driver.ports() + 20, 4)).isEqualTo(0x0a0b0c0dL);
    assertThat(machine.load(driver.ports() + 12, 2)).isEqualTo(64);
  }

  @Test
  void theOldInterfaceMoves() {
    transitional().startLegacy();
    EchoDevice from = arrived;
    from.pause();
    OurPciMachine there = new OurPciMachine(machine.memory());
    EchoDevice to = new EchoDevice(machine.memory(), false, 4);
    there.plug(SLOT, to, Map.of());
    byte[] section = Saving.classic(from);
    to.commit(Saving.fromClassic(to, section));
    assertThat(Saving.classic(to)).isEqualTo(section);
    to.resume();
    PciDriver after = new PciDriver(there, SLOT).adopt(driver);
    after.ring(0).add(Piece.out((byte) 6), Piece.in(1));
    after.kickLegacy(0);
    assertThat(after.ring(0).await().written()).containsExactly(6);
    to.close();
  }

  /** Table, vectors, pending bits, BARs and command arrive, and a pending message is sent there. */
  @ParameterizedTest
  @ValueSource(strings = {"classic", "groups", "staged"})
  void everythingMoves(String how) {
    plugged().start(Features.RING_EVENT_IDX);
    driver.useVectors();
    driver.vector(1, 0x1000, 1, true);
    driver.vector(2, 0x2000, 2, false);
    echo(0, 1);
    until("vector 1 to be pending", () -> driver.pending() == 2);
    OurPciMachine there = new OurPciMachine(machine.memory());
    arrived = new EchoDevice(machine.memory());
    there.plug(SLOT, arrived, MODERN);
    if (how.equals("staged")) {
      arrived.stage(early());
    }
    device.pause();
    EchoDevice.State state =
        how.equals("classic")
            ? Saving.fromClassic(arrived, Saving.classic(device))
            : Saving.throughGroups(device, arrived);
    arrived.commit(state);
    assertThat(GroupForm.digest(EchoDevice.DECLARATION, arrived.snapshot()))
        .isEqualTo(GroupForm.digest(EchoDevice.DECLARATION, device.snapshot()));
    arrived.resume();
    PciDriver after = new PciDriver(there, SLOT).adopt(driver);
    assertThat(after.pending()).isEqualTo(2);
    after.vector(1, 0x1000, 1, false);
    assertThat(there.takeMessages()).containsExactly(new Message(0x1000, 1));
    after.ring(1).add(Piece.out((byte) 9), Piece.in(1));
    after.kick(1);
    assertThat(after.ring(1).await().written()).containsExactly(9);
    until("a message there", () -> !there.messages.isEmpty());
    assertThat(there.takeMessages()).contains(new Message(0x2000, 2));
  }

  private EchoDevice.State early() {
    return Saving.early(device, arrived);
  }

  @Test
  void nothingIsSentWhileTheMachineIsStopped() {
    plugged().start(0);
    driver.useVectors();
    driver.vector(0, 0x1000, 5, false);
    device.pause();
    device.needsReset("for the test");
    assertThat(machine.takeMessages()).isEmpty();
    assertThat(driver.pending()).isEqualTo(1);
    device.resume();
    assertThat(machine.takeMessages()).containsExactly(new Message(0x1000, 5));
  }

  @Test
  void slowGuestWritesAreNews() {
    plugged().start(0);
    long before = device.generation();
    echo(0, 1);
    driver.interruptStatus();
    assertThat(device.generation()).as("traffic is none").isEqualTo(before);
    driver.vector(0, 0x1000, 1, true);
    assertThat(device.generation()).isGreaterThan(before);
    before = device.generation();
    driver.config(0x3c, 1, 9);
    assertThat(device.generation()).isGreaterThan(before);
  }

  @Test
  void anotherDevicesSectionIsRefused() {
    plugged();
    OurPciMachine there = new OurPciMachine(machine.memory());
    arrived = new EchoDevice(machine.memory(), false, 4);
    there.plug(SLOT, arrived, Map.of());
    EchoDevice.State state = Saving.fromClassic(arrived, Saving.classic(device));
    assertThatThrownBy(() -> arrived.commit(state))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("0000:00:05.0/virtio-echo: configuration space byte 0x02 (device id)")
        .hasMessageContaining("start both sides with the same device");
  }
}
