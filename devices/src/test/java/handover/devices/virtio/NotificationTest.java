package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.TestRing.Piece;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who disturbs whom, and when not (virtio 1.2, 2.7.7 and 2.7.10). */
class NotificationTest {
  private final TestGuest guest = new TestGuest();
  private EchoDevice device;
  private long rings;

  private void packed(boolean packed) {
    device = new EchoDevice(guest.memory(), packed);
    rings = Features.RING_PACKED;
  }

  private void roundTrip(int queue) {
    guest.ring(queue).add(Piece.out((byte) 1), Piece.in(1));
    guest.kick(queue);
    guest.ring(queue).await();
    quiet();
  }

  /** When a pause returned, the interrupt of what was used has been raised, or never will be. */
  private void quiet() {
    device.pause();
    device.resume();
  }

  private byte[] ringMemory() {
    byte[] bytes = new byte[8192];
    guest.memory().read(guest.ring(0).descriptors(), bytes, 0, bytes.length);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withFlagsTheDriverCanForbidInterrupts(boolean packed) {
    packed(packed);
    guest.plug(device, false).start(rings, 16, 16);
    guest.ring(0).forbidInterrupts(true);
    roundTrip(0);
    assertThat(guest.line()).isFalse();
    guest.ring(0).forbidInterrupts(false);
    roundTrip(0);
    assertThat(guest.line()).isTrue();
    assertThat(guest.acknowledge()).isEqualTo(InterruptStatus.QUEUE);
    assertThat(guest.line()).isFalse();
    assertThat(guest.ring(0).everyKickWanted()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withEventIndicesTheDriverNamesTheChainItWaitsFor(boolean packed) {
    packed(packed);
    guest.plug(device, false).start(rings | Features.RING_EVENT_IDX, 16, 16);
    roundTrip(0);
    guest.acknowledge();
    guest.ring(0).interruptAt(3, 2);
    roundTrip(0);
    roundTrip(0);
    assertThat(guest.line()).isFalse();
    roundTrip(0);
    assertThat(guest.line()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withEventIndicesTheDeviceNamesTheChainItWaitsFor(boolean packed) {
    packed(packed);
    guest.plug(device, false).start(rings | Features.RING_EVENT_IDX, 16, 16);
    for (int i = 0; i < 40; i++) {
      roundTrip(0);
      assertThat(guest.ring(0).kickAskedForNext()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChainAddedWhilePausedIsServedAfterResumeWithoutAnyKick(boolean packed) {
    packed(packed);
    guest.plug(device, false).start(rings, 16, 16);
    device.pause();
    guest.ring(1).add(Piece.out((byte) 9), Piece.in(1));
    guest.kick(1);
    assertThat(guest.ring(1).take()).isEmpty();
    device.resume();
    assertThat(guest.ring(1).await().written()).containsExactly(9);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whilePausedNothingChanges(boolean packed) {
    packed(packed);
    guest.plug(device, false).start(rings, 64, 64);
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 20; i++) {
        guest.ring(0).add(Piece.out((byte) i), Piece.in(1));
      }
      guest.kick(0);
      device.pause();
      byte[] memory = ringMemory();
      byte[] state = Saving.classic(device);
      guest.kick(0);
      assertThat(Saving.classic(device)).isEqualTo(state);
      assertThat(ringMemory()).isEqualTo(memory);
      device.resume();
      for (int i = 0; i < 20; i++) {
        guest.ring(0).await();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSecondBufferNeverWaitsForAKickThatWasSuppressed(boolean packed) {
    packed(packed);
    guest.plug(device, false).start(rings | Features.RING_EVENT_IDX, 16, 16);
    TestRing ring = guest.ring(0);
    for (int i = 0; i < 20_000; i++) {
      ring.add(Piece.out((byte) i), Piece.in(1));
      if (ring.kickWanted()) {
        guest.kick(0);
      }
      ring.await();
    }
  }
}
