package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.TestRing.Piece;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a guest writes into its rings, the worst that happens is NEEDS_RESET. */
class HostileRingTest {
  private static final long RING = Features.RING_INDIRECT_DESC | Features.RING_EVENT_IDX;

  private final TestGuest guest = new TestGuest();
  private final EchoDevice device = new EchoDevice(guest.memory());

  @BeforeEach
  void plug() {
    guest.plug(device, false);
  }

  /** The device works again after a reset, whatever went before. */
  private void requireAlive() {
    EchoDevice.requireAlive(guest, RING);
  }

  private void requireStopped() {
    guest.kick(0);
    guest.awaitNeedsReset();
    assertThat(guest.acknowledge() & InterruptStatus.CONFIG).isNotZero();
    requireAlive();
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void garbageInTheRingsHarmsNothing(
      @ForAll long seed, @ForAll boolean legacy, @ForAll boolean indirect) {
    Random random = new Random(seed);
    TestGuest guest = new TestGuest(this.guest.memory());
    EchoDevice device = new EchoDevice(guest.memory());
    guest.plug(device, legacy).start(indirect ? RING : 0, 16, 16);
    SplitTestRing ring = guest.splitRing(0);
    byte[] garbage = new byte[16 * 16];
    random.nextBytes(garbage);
    guest.memory().write(ring.descriptors(), garbage, 0, garbage.length);
    for (int i = 0; i < 16; i++) {
      if (random.nextBoolean()) {
        plausible(random, ring, i);
      }
      guest.memory().storeU16(ring.available() + 4 + 2L * i, random.nextInt(20));
    }
    ring.setUsedEvent(random.nextInt(65536));
    ring.setAvailableFlags(random.nextInt(2));
    ring.setAvailableIndex(random.nextInt(20));
    guest.kick(0);
    device.pause();
    device.resume();
    EchoDevice.requireAlive(guest, RING);
    device.close();
  }

  /** A descriptor whose every field is near the edge between right and wrong. */
  private static void plausible(Random random, SplitTestRing ring, int index) {
    long address =
        random.nextInt(4) == 0 ? random.nextLong() : TestGuest.RAM + random.nextInt(17 << 20);
    int length =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt();
          case 1 -> 16 * random.nextInt(20);
          default -> random.nextInt(4096);
        };
    ring.rawDescriptor(index, address, length, random.nextInt(8), random.nextInt(18));
  }

  @Test
  void aLoopIsFound() {
    guest.start(RING, 16, 16);
    guest.splitRing(0).rawDescriptor(0, TestGuest.RAM, 8, 1, 1);
    guest.splitRing(0).rawDescriptor(1, TestGuest.RAM, 8, 1, 0);
    guest.splitRing(0).makeAvailable(0);
    requireStopped();
  }

  @ParameterizedTest
  @CsvSource({
    // address, length, flags, next
    "0x1000, 8, 0, 0", // not RAM
    "0x80fffffc, 8, 0, 0", // over the end
    "-4, 8, 0, 0", // over the end of all addresses
    "0x80000000, -1, 0, 0", // 4 GiB
    "0x80000000, 8, 1, 16", // next is no descriptor
    "0x80000000, 8, 4, 0", // an indirect table of half a descriptor
    "0x80000000, 0, 4, 0", // an empty one
    "0x80000000, 0x10000, 4, 0", // one that is too long
    "0x80000000, 16, 5, 0", // one that is not the last
    "0x1000, 16, 4, 0", // one that is not in RAM
  })
  void anImpossibleDescriptorStopsTheDevice(String address, String length, int flags, int next) {
    guest.start(RING, 16, 16);
    guest.splitRing(0).rawDescriptor(0, Long.decode(address), Integer.decode(length), flags, next);
    guest.splitRing(0).makeAvailable(0);
    requireStopped();
  }

  @Test
  void readableAfterWritableStopsTheDevice() {
    guest.start(RING, 16, 16);
    guest.ring(0).add(Piece.in(4), Piece.out((byte) 1));
    requireStopped();
  }

  @Test
  void anIndirectTableInsideAnotherStopsTheDevice() {
    guest.start(RING, 16, 16);
    guest.memory().storeU64(TestGuest.RAM, TestGuest.RAM);
    guest.memory().storeU32(TestGuest.RAM + 8, 16);
    guest.memory().storeU16(TestGuest.RAM + 12, 4);
    guest.splitRing(0).rawDescriptor(0, TestGuest.RAM, 16, 4, 0);
    guest.splitRing(0).makeAvailable(0);
    requireStopped();
  }

  @Test
  void indirectWithoutNegotiationStopsTheDevice() {
    guest.start(Features.RING_EVENT_IDX, 16, 16);
    guest.ring(0).addIndirect(Piece.out((byte) 1), Piece.in(4));
    requireStopped();
  }

  @Test
  void aHeadOutsideTheTableStopsTheDevice() {
    guest.start(RING, 16, 16);
    guest.splitRing(0).makeAvailable(16);
    requireStopped();
  }

  @Test
  void anAvailableIndexThatJumpsStopsTheDevice() {
    guest.start(RING, 16, 16);
    guest.splitRing(0).setAvailableIndex(17);
    requireStopped();
  }

  @Test
  void ringsOutsideRamStopTheDevice() {
    guest.negotiate(RING);
    guest.write(MmioRegister.QUEUE_NUM, 16);
    guest.write(MmioRegister.QUEUE_READY, 1);
    guest.write(MmioRegister.STATUS, 15);
    requireStopped();
  }

  @Test
  void aStoppedDeviceServesNothingUntilReset() {
    guest.start(RING, 16, 16);
    guest.splitRing(0).makeAvailable(16);
    guest.kick(0);
    guest.awaitNeedsReset();
    guest.ring(1).add(Piece.out((byte) 1), Piece.in(1));
    guest.kick(1);
    device.pause();
    device.resume();
    assertThat(guest.ring(1).take()).isEmpty();
    requireAlive();
  }
}
