package handover.devices.virtio;

/** {@link IdleDriver} for a device on PCI: by the modern interface, with interrupts on the pin. */
public final class IdlePciDriver {
  private static final int COMMAND = 0x04;
  private static final int MEMORY_AND_MASTER = 6;
  private static final int DRIVER_FEATURE_SELECT = 0x08;
  private static final int DRIVER_FEATURE = 0x0c;
  private static final int QUEUE_SELECT = 0x16;
  private static final int QUEUE_ENABLE = 0x1c;
  private static final int QUEUE_ADDRESSES = 0x20;
  private static final int ACKNOWLEDGE_AND_DRIVER = 3;
  private static final int RING_BYTES = 16 << 10;

  private final VirtioPci transport;

  private IdlePciDriver(VirtioPci transport) {
    this.transport = transport;
  }

  /**
   * Starts the device.
   *
   * @param rings guest-physical address of 48 KiB of zeros, which all queues may share
   */
  public static void start(VirtioPci transport, long rings) {
    new IdlePciDriver(transport).start(rings);
  }

  private void start(long rings) {
    transport.storeConfig(COMMAND, 2, MEMORY_AND_MASTER);
    status(0);
    status(ACKNOWLEDGE_AND_DRIVER);
    long features = transport.device().modernFeatures() & ~Features.RING_PACKED;
    for (int half = 0; half < 2; half++) {
      transport.store(DRIVER_FEATURE_SELECT, 4, half);
      transport.store(DRIVER_FEATURE, 4, features >>> 32 * half);
    }
    int agreed = ACKNOWLEDGE_AND_DRIVER | DeviceStatus.FEATURES_OK;
    status(agreed);
    for (int i = 0; i < transport.device().queueCount(); i++) {
      queue(i, rings);
    }
    status(agreed | DeviceStatus.DRIVER_OK);
  }

  private void queue(int index, long rings) {
    transport.store(QUEUE_SELECT, 2, index);
    for (int part = 0; part < 3; part++) {
      transport.store(QUEUE_ADDRESSES + 8 * part, 8, rings + (long) part * RING_BYTES);
    }
    transport.store(QUEUE_ENABLE, 2, 1);
  }

  private void status(int value) {
    transport.store(PciCommonConfig.STATUS, 1, value);
  }
}
