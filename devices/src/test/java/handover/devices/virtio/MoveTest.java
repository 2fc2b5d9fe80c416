package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.virtio.RingTest.Format;
import handover.devices.virtio.TestRing.Piece;
import handover.vmstate.ChangeClass;
import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A device's state moves to another host, classic and in groups. */
class MoveTest {
  private final TestGuest source = new TestGuest();
  private EchoDevice from;
  private final TestGuest destination = new TestGuest(source.memory());
  private EchoDevice to;

  private void startBoth(Format format) {
    boolean packed = format == Format.PACKED;
    from = new EchoDevice(source.memory(), packed);
    to = new EchoDevice(source.memory(), packed);
    source
        .plug(from, format == Format.LEGACY)
        .start(Features.RING_EVENT_IDX | Features.RING_PACKED, 16, 32);
    destination.plug(to, format == Format.LEGACY);
    for (int i = 0; i < 37; i++) {
      source.ring(1).add(Piece.out((byte) i), Piece.in(1));
      source.kick(1);
      source.ring(1).await();
    }
  }

  private void continueOnDestination() {
    destination.adoptRings(source);
    to.resume();
    assertThat(destination.ring(1).await().written()).containsExactly(77);
    destination.ring(0).add(Piece.out((byte) 78), Piece.in(1));
    destination.kick(0);
    assertThat(destination.ring(0).await().written()).containsExactly(78);
    assertThat(destination.line()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aChainThatWasAvailableAtThePauseIsServedOnTheOtherSide(Format format) {
    startBoth(format);
    from.pause();
    source.ring(1).add(Piece.out((byte) 77), Piece.in(1));
    source.kick(1);
    byte[] section = Saving.classic(from);
    to.commit(Saving.fromClassic(to, section));
    assertThat(Saving.classic(to)).isEqualTo(section);
    continueOnDestination();
  }

  @ParameterizedTest
  @EnumSource
  void earlyStateAndHotStateTogetherAreTheWhole(Format format) {
    startBoth(format);
    EchoDevice.State early = Saving.early(from, to);
    to.stage(early);
    to.stage(early);
    from.pause();
    source.ring(1).add(Piece.out((byte) 77), Piece.in(1));
    EchoDevice.State whole = Saving.throughGroups(from, to);
    to.commit(whole);
    assertThat(GroupForm.digest(EchoDevice.DECLARATION, to.snapshot()))
        .isEqualTo(GroupForm.digest(EchoDevice.DECLARATION, from.snapshot()));
    continueOnDestination();
  }

  @ParameterizedTest
  @EnumSource
  void aStagedDeviceDoesNothingAndAnAbortForgetsIt(Format format) {
    startBoth(format);
    from.pause();
    source.ring(1).add(Piece.out((byte) 1), Piece.in(1));
    to.stage(Saving.throughGroups(from, to));
    to.kick(1);
    to.pause();
    assertThat(source.ring(1).take()).isEmpty();
    to.abort();
    EchoDevice untouched = new EchoDevice(source.memory(), format == Format.PACKED);
    new TestGuest(source.memory()).plug(untouched, format == Format.LEGACY);
    assertThat(Saving.classic(to)).isEqualTo(Saving.classic(untouched));
    from.resume();
    source.ring(1).await();
  }

  @ParameterizedTest
  @EnumSource
  void theHotGroupOfAnIdleDeviceIsSmall(Format format) {
    startBoth(format);
    int hot = 0;
    for (StateDeclaration.Group<EchoDevice.State> group : EchoDevice.DECLARATION.groups()) {
      if (group.changes() == ChangeClass.HOT) {
        hot += GroupForm.encode(group, from.snapshot()).length;
      }
    }
    assertThat(hot).isEqualTo(1 + 2 * (format == Format.PACKED ? 4 : 2));
  }

  @Test
  void stateOfFeaturesNotOfferedHereIsRefused() {
    startBoth(Format.SPLIT);
    EchoDevice.State state = from.snapshot();
    state.guestFeatures |= 1;
    assertThatThrownBy(() -> to.stage(state))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("0x1");
  }

  @Test
  void stateWithRequestsInFlightIsRefused() {
    startBoth(Format.SPLIT);
    from.pause();
    EchoDevice.State state = from.snapshot();
    state.queues[1].lastAvailable += 2;
    source.splitRing(1).setAvailableIndex(state.queues[1].lastAvailable);
    assertThatThrownBy(() -> to.commit(state))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("2 requests were in flight");
  }

  @ParameterizedTest
  @CsvSource({"0x8020, 0x8000", "0x8000, 0x8020", "0x0001, 0x8000", "0x8000, 0x8001", "0, 0x7fff"})
  void packedPositionsThatCannotBeAreRefused(String lastAvailable, String used) {
    startBoth(Format.PACKED);
    from.pause();
    EchoDevice.State state = from.snapshot();
    state.queues[1].lastAvailable = Integer.decode(lastAvailable);
    state.queues[1].used = Integer.decode(used);
    assertThatThrownBy(() -> to.commit(state))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("queue 1");
  }
}
