package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.net.Await;
import handover.devices.virtio.Saving;
import handover.devices.virtio.TestRing.Piece;
import handover.vmstate.GroupForm;
import handover.vmstate.StreamException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network device's state moves to another host while its driver goes on changing it. */
@ParameterizedClass
@ValueSource(strings = {"off", "on"})
class NetMoveTest {
  private static final int CONTROL = 4;

  private final NetGuest source;
  private final NetGuest destination;

  NetMoveTest(String packed) {
    String options = ",mq=on,queues=2,packed=" + packed;
    source = new NetGuest(options);
    destination = new NetGuest(source.guest.memory(), options);
  }

  @AfterEach
  void close() {
    source.close();
    destination.close();
  }

  private void startSource() {
    source.start(0, 64, 64, 64, 64, 64);
    source.buffers(0, 60, 1526);
    assertThat(source.command(CONTROL, 4, 0, 2, 0)).isZero();
    assertThat(source.command(CONTROL, 0, 0, 0)).isZero();
    assertThat(source.command(CONTROL, 2, 0, 9, 0)).isZero();
    source.transmit(1, new byte[NetHeader.BYTES], NetGuest.frame(1, 60));
  }

  private VirtioNetState early() {
    return Saving.early(source.device, destination.device);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingIsLostAtTheSwitchover(boolean iterative) {
    startSource();
    if (iterative) {
      destination.device.stage(early());
      assertThat(source.command(CONTROL, 0, 1, 1)).isZero();
      destination.device.stage(early());
    }
    source.device.pause();
    source.guest.ring(1).add(Piece.out(new byte[12]), Piece.out(NetGuest.frame(7, 60)));
    source.guest.kick(1);
    destination.device.commit(
        iterative
            ? Saving.throughGroups(source.device, destination.device)
            : Saving.fromClassic(destination.device, Saving.classic(source.device)));
    assertThat(digest(destination)).isEqualTo(digest(source));
    destination.wire.deliver(NetGuest.frame(8, 60));
    destination.guest.adoptRings(source.guest);
    destination.device.resume();
    Await.until("the packet that waited", () -> !destination.wire.sent.isEmpty());
    assertThat(destination.wire.sent).containsExactly(NetGuest.frame(7, 60));
    assertThat(destination.receive(0)).isEqualTo(NetGuest.frame(8, 60));
  }

  @Test
  void generationsTellOfControlCommandsAndNotOfPackets() {
    startSource();
    long before = source.device.generation();
    source.transmit(1, new byte[NetHeader.BYTES], NetGuest.frame(1, 60));
    source.wire.deliver(NetGuest.frame(2, 60));
    source.receive(0);
    assertThat(source.device.generation()).isEqualTo(before);
    assertThat(source.command(CONTROL, 9, 9)).isOne();
    assertThat(source.device.generation()).isEqualTo(before);
    assertThat(source.command(CONTROL, 1, 1, 2, 0, 0, 0, 0, 1)).isZero();
    assertThat(source.device.generation()).isGreaterThan(before);
    long epoch = source.device.epoch();
    source.device.reset();
    assertThat(source.device.epoch()).isGreaterThan(epoch);
  }

  @Test
  void anAbortedStageLeavesAFreshDevice() {
    startSource();
    VirtioNetState early = early();
    byte[] fresh = Saving.classic(destination.device);
    destination.device.stage(early);
    assertThat(Saving.classic(destination.device)).isNotEqualTo(fresh);
    assertThat(destination.wire.deliver(NetGuest.frame(1, 60))).isZero();
    destination.device.abort();
    assertThat(Saving.classic(destination.device)).isEqualTo(fresh);
  }

  @Test
  void aDeviceWithOtherQueuesRefusesInWords() {
    startSource();
    try (NetGuest other =
        new NetGuest(
            source.guest.memory(),
            ",mq=on,queues=3,packed="
                + (source.device.properties().flag("packed") ? "on" : "off"))) {
      assertThatThrownBy(() -> Saving.fromClassic(other.device, Saving.classic(source.device)))
          .isInstanceOf(StreamException.class)
          .hasMessageContaining("3 queue pairs");
      assertThatThrownBy(() -> Saving.throughGroups(source.device, other.device))
          .isInstanceOf(StreamException.class)
          .hasMessageContaining("as configured here");
    }
  }

  private static byte[] digest(NetGuest net) {
    return GroupForm.digest(net.device.declaration(), net.device.snapshot());
  }
}
