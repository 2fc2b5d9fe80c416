package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.QemuRelease;
import handover.vmstate.StreamException;
import handover.vmstate.WireWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class UartTest {
  private final MemoryCharacterBackend line = new MemoryCharacterBackend();
  private final Level irq = new Level();
  private final Uart uart = new Uart(line, irq);

  @BeforeEach
  void start() {
    uart.resume();
  }

  private void enableFifos() {
    uart.store(2, 1, 0x07);
  }

  private int id() {
    return (int) uart.load(2, 1) & 0xf;
  }

  @Test
  void sendsWhatIsWritten() {
    for (char c : "hi\n".toCharArray()) {
      assertThat(uart.load(5, 1) & 0x60).as("transmitter empty").isEqualTo(0x60);
      uart.store(0, 1, c);
    }
    assertThat(line.output()).isEqualTo("hi\n");
  }

  @Test
  void receivesInOrderAndRaisesItsInterruptUntilRead() {
    enableFifos();
    uart.store(1, 1, 1);
    line.type("ab");
    assertThat(irq.high()).isTrue();
    assertThat(id()).isEqualTo(4);
    assertThat(uart.load(0, 1)).isEqualTo('a');
    assertThat(irq.high()).isTrue();
    assertThat(uart.load(5, 1) & 1).isEqualTo(1);
    assertThat(uart.load(0, 1)).isEqualTo('b');
    assertThat(irq.high()).isFalse();
    assertThat(uart.load(5, 1) & 1).isZero();
    assertThat(id()).isEqualTo(1);
  }

  @Test
  void belowTheTriggerLevelItIsATimeout() {
    uart.store(2, 1, 0x87);
    uart.store(1, 1, 1);
    line.type("1234567");
    assertThat(id()).isEqualTo(0xc);
    line.type("8");
    assertThat(id()).isEqualTo(4);
  }

  @Test
  void neverOverrunsForTheBackEndWaits() {
    enableFifos();
    String text = "x".repeat(15) + "y".repeat(40);
    line.type(text);
    StringBuilder got = new StringBuilder();
    while ((uart.load(5, 1) & 1) != 0) {
      got.append((char) uart.load(0, 1));
    }
    assertThat(got.toString()).isEqualTo(text);
    assertThat(uart.load(5, 1) & 2).as("overrun").isZero();
  }

  @Test
  void worksWithoutFifosByteByByte() {
    line.type("pq");
    assertThat(uart.load(0, 1)).isEqualTo('p');
    assertThat(uart.load(0, 1)).isEqualTo('q');
    assertThat(uart.load(5, 1) & 1).isZero();
    assertThat(uart.load(2, 1) & 0xc0).isZero();
  }

  @Test
  void transmitterEmptyInterruptIsAcknowledgedByReadingTheIdentification() {
    uart.store(1, 1, 2);
    assertThat(irq.high()).isTrue();
    assertThat(id()).isEqualTo(2);
    assertThat(irq.high()).isFalse();
    uart.store(0, 1, 'z');
    assertThat(irq.high()).isTrue();
    uart.store(1, 1, 0);
    assertThat(irq.high()).isFalse();
  }

  @Test
  void loopbackTurnsModemOutputsIntoInputsAndReturnsBytes() {
    uart.store(4, 1, 0x1a);
    assertThat(uart.load(6, 1) & 0xf0).as("Linux's probe").isEqualTo(0x90);
    uart.store(0, 1, 'L');
    assertThat(uart.load(0, 1)).isEqualTo('L');
    assertThat(line.output()).isEmpty();
  }

  @Test
  void scratchAndDivisorAreKept() {
    uart.store(7, 1, 0x5a);
    uart.store(3, 1, 0x83);
    uart.store(0, 1, 0x34);
    uart.store(1, 1, 0x12);
    assertThat(uart.load(0, 1)).isEqualTo(0x34);
    assertThat(uart.load(1, 1)).isEqualTo(0x12);
    uart.store(3, 1, 3);
    assertThat(uart.load(1, 1)).as("IER again").isZero();
    assertThat(uart.load(7, 1)).isEqualTo(0x5a);
    assertThat(line.output()).isEmpty();
  }

  @Test
  void takesNoInputWhilePaused() {
    uart.pause();
    line.type("k");
    assertThat(uart.load(5, 1) & 1).isZero();
    uart.resume();
    assertThat(uart.load(0, 1)).isEqualTo('k');
  }

  @Test
  void whatIsTypedBeforeAGuestArrivesIsForTheGuest() {
    MemoryCharacterBackend early = new MemoryCharacterBackend();
    Uart other = new Uart(early, new Level());
    early.type("now");
    enableFifos();
    line.type("be");
    Wire.move(uart, other);
    other.resume();
    StringBuilder got = new StringBuilder();
    while ((other.load(5, 1) & 1) != 0) {
      got.append((char) other.load(0, 1));
    }
    assertThat(got.toString()).isEqualTo("benow");
  }

  @Test
  void anIdlePortIsQemusElevenBytes() {
    byte[] payload = Wire.save(uart);
    assertThat(payload).containsExactly(0, 12, 0, 0, 1, 0, 8, 0x60, 0xb0, 0, 0);
  }

  @Test
  void waitingBytesAndTheInterruptMove() {
    enableFifos();
    uart.store(1, 1, 5);
    line.type("abc");
    assertThat(uart.load(0, 1)).isEqualTo('a');
    Level otherIrq = new Level();
    Uart other = new Uart(new MemoryCharacterBackend(), otherIrq);
    Wire.move(uart, other);
    assertThat(otherIrq.high()).isTrue();
    assertThat(other.load(0, 1)).isEqualTo('b');
    assertThat(other.load(0, 1)).isEqualTo('c');
    assertThat(otherIrq.high()).isFalse();
    assertThat(Wire.save(other)).hasSize(11);
  }

  @Test
  void aPendingTransmitterInterruptBehindAReceivedByteMoves() {
    enableFifos();
    uart.store(1, 1, 3);
    line.type("a");
    MemoryCharacterBackend far = new MemoryCharacterBackend();
    Uart other = new Uart(far, new Level());
    Wire.move(uart, other);
    assertThat(other.load(2, 1) & 0xf).isEqualTo(4);
    other.load(0, 1);
    assertThat(other.load(2, 1) & 0xf).isEqualTo(2);
  }

  @Test
  void whatTheSourcesSlowLineStillHeldIsSent() {
    UartState state = uart.snapshot();
    state.lsr = 0;
    state.transmitRetry = 1;
    state.tsr = 'A';
    state.transmitting.push('B');
    WireWriter out = new WireWriter();
    uart.declaration().save(state, out, QemuRelease.usual());
    Wire.load(uart, out.toByteArray());
    assertThat(line.output()).isEqualTo("AB");
    assertThat(uart.load(5, 1) & 0x60).isEqualTo(0x60);
  }

  @Test
  void aFifoThatClaimsMoreThanItHoldsIsRefused() {
    enableFifos();
    line.type("ab");
    byte[] payload = Wire.save(uart);
    int count =
        new String(payload, java.nio.charset.StandardCharsets.ISO_8859_1)
                .indexOf("serial/recv_fifo")
            + 16
            + 4
            + 16
            + 4
            + 3;
    assertThat(payload[count]).isEqualTo((byte) 2);
    payload[count] = 17;
    assertThatThrownBy(() -> Wire.load(uart, payload))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("num expected 0 to 16, found 17");
  }
}
