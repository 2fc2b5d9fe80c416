package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.TestRing.Piece;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitRingTest {
  private final TestGuest guest = new TestGuest();
  private final EchoDevice device = new EchoDevice(guest.memory());

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChainGoesThroughAndComesBack(boolean legacy) {
    guest.plug(device, legacy).start(-1L, 16, 16);
    int head = guest.ring(1).add(Piece.out((byte) 1, (byte) 2), Piece.out((byte) 3), Piece.in(8));
    guest.kick(1);
    TestRing.Used used = guest.ring(1).await();
    assertThat(used.head()).isEqualTo(head);
    assertThat(used.written()).containsExactly(1, 2, 3);
    assertThat(guest.read(MmioRegister.STATUS) & DeviceStatus.NEEDS_RESET).isZero();
  }

  @Test
  void indirectChainsLookLikeDirectOnes() {
    guest.plug(device, false).start(-1L, 4, 4);
    for (int i = 0; i < 20; i++) {
      guest.ring(0).addIndirect(Piece.out((byte) i, (byte) 7), Piece.in(1), Piece.in(3));
      guest.kick(0);
      assertThat(guest.ring(0).await().written()).containsExactly((byte) i, (byte) 7);
    }
  }

  @Test
  void theRingGoesRoundManyTimes() {
    guest.plug(device, false).start(-1L, 8, 8);
    for (int i = 0; i < 70_000; i++) {
      guest.ring(0).add(Piece.out((byte) i, (byte) (i >> 8)), Piece.in(2));
      guest.kick(0);
      assertThat(guest.ring(0).await().written()).containsExactly((byte) i, (byte) (i >> 8));
    }
  }
}
