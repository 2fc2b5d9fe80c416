package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.TestRing.Piece;
import org.junit.jupiter.api.Test;

/** Register walks, modern and legacy (virtio 1.2, 4.2.2 and 4.2.4). */
class VirtioMmioTest {
  private final TestGuest guest = new TestGuest();
  private final EchoDevice device = new EchoDevice(guest.memory());

  private static final long MODERN =
      Features.VERSION_1
          | Features.RING_EVENT_IDX
          | Features.RING_INDIRECT_DESC
          | Features.RING_RESET;

  private int status() {
    return guest.read(MmioRegister.STATUS);
  }

  @Test
  void aModernDeviceShowsWhatItIs() {
    guest.plug(device, false);
    assertThat(guest.read(MmioRegister.MAGIC_VALUE)).isEqualTo(0x74726976);
    assertThat(guest.read(MmioRegister.VERSION)).isEqualTo(2);
    assertThat(guest.read(MmioRegister.DEVICE_ID)).isEqualTo(42);
    assertThat(guest.read(MmioRegister.VENDOR_ID)).isEqualTo(0x554d4551);
    assertThat(guest.read(MmioRegister.SHM_LENGTH_LOW)).isEqualTo(-1);
    assertThat(guest.mmio().load(MmioRegister.SHM_BASE_HIGH, 4)).isEqualTo(0xffff_ffffL);
    assertThat(guest.offered()).isEqualTo(MODERN);
    guest.write(MmioRegister.DEVICE_FEATURES_SEL, 2);
    assertThat(guest.read(MmioRegister.DEVICE_FEATURES)).isZero();
  }

  @Test
  void aLegacyDeviceShowsWhatItIs() {
    guest.plug(device, true);
    assertThat(guest.read(MmioRegister.VERSION)).isEqualTo(1);
    assertThat(guest.offered())
        .isEqualTo(Features.ANY_LAYOUT | Features.RING_EVENT_IDX | Features.RING_INDIRECT_DESC);
    guest.write(MmioRegister.GUEST_PAGE_SIZE, 4096);
    guest.write(MmioRegister.QUEUE_NUM, 32);
    guest.write(MmioRegister.QUEUE_ALIGN, 4096);
    guest.write(MmioRegister.QUEUE_PFN, 0x80123);
    assertThat(guest.read(MmioRegister.QUEUE_PFN)).isEqualTo(0x80123);
    guest.write(MmioRegister.STATUS, 0);
    assertThat(guest.read(MmioRegister.QUEUE_PFN)).isZero();
  }

  @Test
  void anEmptySlotHasDeviceIdZero() {
    EmptyMmioSlot empty = new EmptyMmioSlot(0x1000_1000L, false);
    assertThat(empty.load(MmioRegister.MAGIC_VALUE, 4)).isEqualTo(0x74726976);
    assertThat(empty.load(MmioRegister.DEVICE_ID, 4)).isZero();
  }

  @Test
  void configurationSpaceAnswersAnyWidth() {
    guest.plug(device, false);
    assertThat(guest.mmio().load(0x100, 4)).isEqualTo(0x0a0b0c0dL);
    assertThat(guest.mmio().load(0x102, 2)).isEqualTo(0x0a0bL);
    assertThat(guest.config(0, 4)).containsExactly(0x0d, 0x0c, 0x0b, 0x0a);
    assertThat(guest.mmio().load(0x104, 4)).isZero();
    assertThat(guest.mmio().load(0xffc, 4)).isZero();
  }

  @Test
  void registersAnswerOnlyWholeWords() {
    guest.plug(device, false);
    assertThat(guest.mmio().load(MmioRegister.MAGIC_VALUE, 1)).isZero();
    guest.mmio().store(MmioRegister.STATUS, 1, 1);
    assertThat(status()).isZero();
  }

  @Test
  void aModernDriverMustAcceptVersion1() {
    guest.plug(device, false);
    guest.write(MmioRegister.STATUS, 3);
    guest.write(MmioRegister.DRIVER_FEATURES_SEL, 0);
    guest.write(MmioRegister.DRIVER_FEATURES, (int) Features.RING_EVENT_IDX);
    guest.write(MmioRegister.STATUS, 11);
    assertThat(status()).isEqualTo(3);
  }

  @Test
  void aFeatureThatWasNotOfferedIsRefused() {
    guest.plug(device, false);
    guest.write(MmioRegister.STATUS, 3);
    guest.write(MmioRegister.DRIVER_FEATURES, 1);
    guest.write(MmioRegister.DRIVER_FEATURES_SEL, 1);
    guest.write(MmioRegister.DRIVER_FEATURES, 1);
    guest.write(MmioRegister.STATUS, 11);
    assertThat(status()).isEqualTo(3);
  }

  @Test
  void drivingWithoutNegotiatedFeaturesStopsTheDevice() {
    guest.plug(device, false);
    guest.write(MmioRegister.STATUS, 7);
    assertThat(status() & DeviceStatus.NEEDS_RESET).isNotZero();
    guest.write(MmioRegister.STATUS, 0);
    assertThat(status()).isZero();
  }

  @Test
  void queuesThatDoNotExistHaveNoEntries() {
    guest.plug(device, false);
    assertThat(guest.read(MmioRegister.QUEUE_NUM_MAX)).isEqualTo(64);
    guest.write(MmioRegister.QUEUE_SEL, 2);
    assertThat(guest.read(MmioRegister.QUEUE_NUM_MAX)).isZero();
    guest.write(MmioRegister.QUEUE_NUM, 3);
    guest.write(MmioRegister.QUEUE_READY, 1);
    assertThat(guest.read(MmioRegister.QUEUE_READY)).isZero();
    guest.kick(2);
    guest.kick(0xffff);
    assertThat(status() & DeviceStatus.NEEDS_RESET).isZero();
  }

  @Test
  void aResetStartsANewEpochAndForgetsTheQueues() {
    guest.plug(device, false).start(0, 16, 16);
    guest.ring(0).add(Piece.out((byte) 1), Piece.in(1));
    guest.kick(0);
    guest.ring(0).await();
    long epoch = device.epoch();
    guest.write(MmioRegister.STATUS, 0);
    assertThat(device.epoch()).isEqualTo(epoch + 1);
    assertThat(guest.line()).isFalse();
    assertThat(guest.read(MmioRegister.QUEUE_READY)).isZero();
    assertThat(guest.read(MmioRegister.INTERRUPT_STATUS)).isZero();
  }

  @Test
  void trafficChangesNoGenerationButSetUpDoes() {
    guest.plug(device, false);
    long before = device.generation();
    guest.start(0, 16, 16);
    long started = device.generation();
    assertThat(started).isGreaterThan(before);
    for (int i = 0; i < 100; i++) {
      guest.ring(0).add(Piece.out((byte) 1), Piece.in(1));
      guest.kick(0);
      guest.ring(0).await();
      guest.acknowledge();
    }
    assertThat(device.generation()).isEqualTo(started);
  }
}
