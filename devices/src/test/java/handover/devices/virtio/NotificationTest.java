package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.TestRing.Piece;
import org.junit.jupiter.api.Test;

/** Who disturbs whom, and when not (virtio 1.2, 2.7.7 and 2.7.10). */
class NotificationTest {
  private final TestGuest guest = new TestGuest();
  private final EchoDevice device = new EchoDevice(guest.memory());

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

  @Test
  void withFlagsTheDriverCanForbidInterrupts() {
    guest.plug(device, false).start(0, 16, 16);
    guest.ring(0).setAvailableFlags(1);
    roundTrip(0);
    assertThat(guest.line()).isFalse();
    guest.ring(0).setAvailableFlags(0);
    roundTrip(0);
    assertThat(guest.line()).isTrue();
    assertThat(guest.acknowledge()).isEqualTo(InterruptStatus.QUEUE);
    assertThat(guest.line()).isFalse();
    assertThat(guest.ring(0).usedFlags()).isZero();
  }

  @Test
  void withEventIndicesTheDriverNamesTheChainItWaitsFor() {
    guest.plug(device, false).start(Features.RING_EVENT_IDX, 16, 16);
    roundTrip(0);
    guest.acknowledge();
    guest.ring(0).setUsedEvent(3);
    roundTrip(0);
    roundTrip(0);
    assertThat(guest.line()).isFalse();
    roundTrip(0);
    assertThat(guest.line()).isTrue();
  }

  @Test
  void withEventIndicesTheDeviceNamesTheChainItWaitsFor() {
    guest.plug(device, false).start(Features.RING_EVENT_IDX, 16, 16);
    for (int i = 1; i <= 40; i++) {
      roundTrip(0);
      assertThat(guest.ring(0).availableEvent()).isEqualTo(i);
    }
  }

  @Test
  void aChainAddedWhilePausedIsServedAfterResumeWithoutAnyKick() {
    guest.plug(device, false).start(0, 16, 16);
    device.pause();
    guest.ring(1).add(Piece.out((byte) 9), Piece.in(1));
    guest.kick(1);
    assertThat(guest.ring(1).usedIndex()).isZero();
    device.resume();
    assertThat(guest.ring(1).await().written()).containsExactly(9);
  }

  @Test
  void whilePausedNothingChanges() {
    guest.plug(device, false).start(0, 64, 64);
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 20; i++) {
        guest.ring(0).add(Piece.out((byte) i), Piece.in(1));
      }
      guest.kick(0);
      device.pause();
      int used = guest.ring(0).usedIndex();
      byte[] state = Saving.classic(device);
      guest.kick(0);
      assertThat(Saving.classic(device)).isEqualTo(state);
      assertThat(guest.ring(0).usedIndex()).isEqualTo(used);
      device.resume();
      for (int i = 0; i < 20; i++) {
        guest.ring(0).await();
      }
    }
  }

  @Test
  void aSecondBufferNeverWaitsForAKickThatWasSuppressed() {
    guest.plug(device, false).start(Features.RING_EVENT_IDX, 16, 16);
    TestRing ring = guest.ring(0);
    for (int i = 0; i < 20_000; i++) {
      int before = ring.availableIndex();
      ring.add(Piece.out((byte) i), Piece.in(1));
      // Linux's rule: kick only if the device's avail_event was passed.
      if ((ring.availableIndex() - ring.availableEvent() - 1 & 0xffff)
          < (ring.availableIndex() - before & 0xffff)) {
        guest.kick(0);
      }
      ring.await();
    }
  }
}
