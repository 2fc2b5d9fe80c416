package handover.devices.virtio;

import handover.devices.virtio.TestRing.Piece;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link HostileRingTest} for packed rings. */
class HostilePackedRingTest {
  private static final long RING =
      Features.RING_PACKED | Features.RING_INDIRECT_DESC | Features.RING_EVENT_IDX;
  private static final int AVAILABLE = 0x80;

  private final TestGuest guest = new TestGuest();
  private final EchoDevice device = new EchoDevice(guest.memory(), true);

  private void requireStopped() {
    guest.kick(0);
    guest.awaitNeedsReset();
    EchoDevice.requireAlive(guest, RING);
  }

  private void start(long features) {
    guest.plug(device, false).start(features, 16, 16);
  }

  private void raw(int index, String address, String length, int flags) {
    ((PackedTestRing) guest.ring(0))
        .rawDescriptor(index, Long.decode(address), Integer.decode(length), 1, flags);
  }

  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void garbageInTheRingsHarmsNothing(@ForAll long seed, @ForAll boolean indirect) {
    Random random = new Random(seed);
    TestGuest guest = new TestGuest(this.guest.memory());
    EchoDevice device = new EchoDevice(guest.memory(), true);
    guest.plug(device, false).start(indirect ? RING : Features.RING_PACKED, 16, 16);
    PackedTestRing ring = (PackedTestRing) guest.ring(0);
    for (int i = 0; i < 16; i++) {
      long address =
          random.nextInt(4) == 0 ? random.nextLong() : TestGuest.RAM + random.nextInt(17 << 20);
      int length =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> 16 * random.nextInt(20);
            default -> random.nextInt(4096);
          };
      int turn = random.nextInt(4) == 0 ? random.nextInt() & 0x8080 : AVAILABLE;
      ring.rawDescriptor(i, address, length, random.nextInt(), turn | random.nextInt(8));
    }
    guest.memory().storeU32(ring.available(), random.nextInt());
    guest.memory().storeU32(ring.used(), random.nextInt());
    guest.kick(0);
    device.pause();
    device.resume();
    EchoDevice.requireAlive(guest, RING);
    device.close();
  }

  @ParameterizedTest
  @CsvSource({
    // address, length, flags
    "0x1000, 8, 0", // not RAM
    "0x80fffffc, 8, 0", // over the end
    "-4, 8, 0", // over the end of all addresses
    "0x80000000, -1, 0", // 4 GiB
    "0x80000000, 8, 4", // an indirect table of half a descriptor
    "0x80000000, 0, 4", // an empty one
    "0x80000000, 0x10000, 4", // one that is too long
    "0x80000000, 16, 5", // one with others
    "0x1000, 16, 4", // one that is not in RAM
  })
  void anImpossibleDescriptorStopsTheDevice(String address, String length, int flags) {
    start(RING);
    raw(0, address, length, flags | AVAILABLE);
    requireStopped();
  }

  @Test
  void aChainLongerThanTheRingStopsTheDevice() {
    start(RING);
    for (int i = 15; i >= 0; i--) {
      raw(i, "0x80000000", "8", 1 | AVAILABLE);
    }
    requireStopped();
  }

  @Test
  void readableAfterWritableStopsTheDevice() {
    start(RING);
    guest.ring(0).add(Piece.in(4), Piece.out((byte) 1));
    requireStopped();
  }

  @Test
  void anIndirectTableInsideAnotherStopsTheDevice() {
    start(RING);
    guest.memory().storeU64(TestGuest.RAM, TestGuest.RAM);
    guest.memory().storeU32(TestGuest.RAM + 8, 16);
    guest.memory().storeU32(TestGuest.RAM + 12, 4 << 16);
    raw(0, "0x80000000", "16", 4 | AVAILABLE);
    requireStopped();
  }

  @Test
  void indirectWithoutNegotiationStopsTheDevice() {
    start(Features.RING_PACKED);
    guest.ring(0).addIndirect(Piece.out((byte) 1), Piece.in(4));
    requireStopped();
  }

  @ParameterizedTest
  @CsvSource({"0x80, 0x80100008", "0xa0, 0x80100012", "0x90, 0x10000000", "0x80, 0x80fffff0"})
  void ringsThatLieWrongStopTheDevice(String register, String address) {
    guest.plug(device, false).negotiate(RING);
    guest.addRing(16);
    guest.write(MmioRegister.QUEUE_READY, 0);
    guest.write(Integer.decode(register), (int) (long) Long.decode(address));
    guest.write(MmioRegister.QUEUE_READY, 1);
    guest.write(MmioRegister.STATUS, 15);
    requireStopped();
  }
}
