package handover.devices.virtio;

/**
 * Brings a device up as a guest's driver would (virtio 1.2, 3.1), with queues in which nothing is
 * ever made available: for rehearsals in which no guest runs.
 */
public final class IdleDriver {
  private static final int ACKNOWLEDGE_AND_DRIVER = 3;
  private static final int RING_BYTES = 16 << 10;

  private final VirtioMmio slot;

  private IdleDriver(VirtioMmio slot) {
    this.slot = slot;
  }

  /**
   * Starts the device in a modern slot; a legacy one is left alone.
   *
   * @param rings guest-physical address of 48 KiB of zeros, which all queues may share
   */
  public static void start(VirtioMmio slot, long rings) {
    if (!slot.legacy()) {
      new IdleDriver(slot).start(rings);
    }
  }

  private void start(long rings) {
    store(MmioRegister.STATUS, 0);
    store(MmioRegister.STATUS, ACKNOWLEDGE_AND_DRIVER);
    long features = slot.device().hostFeatures() & ~Features.RING_PACKED;
    for (int half = 0; half < 2; half++) {
      store(MmioRegister.DRIVER_FEATURES_SEL, half);
      store(MmioRegister.DRIVER_FEATURES, features >>> 32 * half);
    }
    int agreed = ACKNOWLEDGE_AND_DRIVER | DeviceStatus.FEATURES_OK;
    store(MmioRegister.STATUS, agreed);
    for (int i = 0; i < slot.device().queueCount(); i++) {
      queue(i, rings);
    }
    store(MmioRegister.STATUS, agreed | DeviceStatus.DRIVER_OK);
  }

  private void queue(int index, long rings) {
    store(MmioRegister.QUEUE_SEL, index);
    address(MmioRegister.QUEUE_DESC_LOW, rings);
    address(MmioRegister.QUEUE_DRIVER_LOW, rings + RING_BYTES);
    address(MmioRegister.QUEUE_DEVICE_LOW, rings + 2 * RING_BYTES);
    store(MmioRegister.QUEUE_READY, 1);
  }

  private void address(int register, long address) {
    store(register, address);
    store(register + 4, address >>> 32);
  }

  private void store(int register, long value) {
    slot.store(register, 4, value);
  }
}
