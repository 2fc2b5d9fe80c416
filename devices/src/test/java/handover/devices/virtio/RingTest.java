package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.TestRing.Piece;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RingTest {
  /** What a ring may look like. */
  enum Format {
    LEGACY,
    SPLIT,
    PACKED
  }

  private final TestGuest guest = new TestGuest();

  private void start(Format format, int... sizes) {
    guest.plug(new EchoDevice(guest.memory(), format == Format.PACKED), format == Format.LEGACY);
    guest.start(-1L, sizes);
  }

  @ParameterizedTest
  @EnumSource
  void aChainGoesThroughAndComesBack(Format format) {
    start(format, 16, 16);
    int head = guest.ring(1).add(Piece.out((byte) 1, (byte) 2), Piece.out((byte) 3), Piece.in(8));
    guest.kick(1);
    TestRing.Used used = guest.ring(1).await();
    assertThat(used.head()).isEqualTo(head);
    assertThat(used.written()).containsExactly(1, 2, 3);
    assertThat(guest.read(MmioRegister.STATUS) & DeviceStatus.NEEDS_RESET).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void indirectChainsLookLikeDirectOnes(Format format) {
    start(format, 4, 4);
    for (int i = 0; i < 20; i++) {
      guest.ring(0).addIndirect(Piece.out((byte) i, (byte) 7), Piece.in(1), Piece.in(3));
      guest.kick(0);
      assertThat(guest.ring(0).await().written()).containsExactly((byte) i, (byte) 7);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theRingGoesRoundManyTimes(Format format) {
    start(format, 8, 8);
    for (int i = 0; i < 70_000; i++) {
      guest.ring(0).add(Piece.out((byte) i, (byte) (i >> 8)), Piece.in(2));
      guest.kick(0);
      assertThat(guest.ring(0).await().written()).containsExactly((byte) i, (byte) (i >> 8));
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyChainsOfManyLengthsComeBackInOrder(Format format) {
    start(format, 16, 16);
    for (int round = 0; round < 500; round++) {
      int chains = 1 + round % 4;
      for (int i = 0; i < chains; i++) {
        Piece[] pieces = new Piece[1 + (round + i) % 4];
        java.util.Arrays.setAll(pieces, at -> at == 0 ? Piece.out((byte) at) : Piece.in(1));
        guest.ring(0).add(pieces);
      }
      guest.kick(0);
      for (int i = 0; i < chains; i++) {
        assertThat(guest.ring(0).await().length()).isEqualTo((round + i) % 4 == 0 ? 0 : 1);
      }
    }
  }

  @Test
  void aPackedRingMayHaveAnyNumberOfEntries() {
    start(Format.PACKED, 7, 1000);
    for (int i = 0; i < 50; i++) {
      guest.ring(0).add(Piece.out((byte) i), Piece.in(1), Piece.in(1));
      guest.kick(0);
      assertThat(guest.ring(0).await().written()).containsExactly(i);
    }
  }

  @Test
  void aSplitRingMayNot() {
    start(Format.SPLIT, 7, 7);
    guest.awaitNeedsReset();
  }
}
