package handover.devices.virtio;

/**
 * The registers through which a driver negotiates features and sets up queues, which transports
 * have in different places. Guarded by the device's lock.
 */
final class DriverRegisters {
  private static final long LOW = 0xffff_ffffL;

  private final VirtioFrontEnd device;
  int hostFeaturesSelect;
  int guestFeaturesSelect;
  int queueSelect;
  long driverFeatures;

  DriverRegisters(VirtioFrontEnd device) {
    this.device = device;
  }

  // ---- Features.

  /** The selected half of what is offered. */
  long offered(long features) {
    return switch (hostFeaturesSelect) {
      case 0 -> features & LOW;
      case 1 -> features >>> 32;
      default -> 0;
    };
  }

  /** The driver writes the selected half of its features. */
  void writeFeatures(int value) {
    if (guestFeaturesSelect == 0) {
      driverFeatures = driverFeatures & ~LOW | value & LOW;
    } else if (guestFeaturesSelect == 1) {
      driverFeatures = driverFeatures & LOW | (long) value << 32;
    }
  }

  /** The driver writes the status; 0 resets, which leaves the selectors. */
  void writeStatus(int value) {
    if (value == 0) {
      driverFeatures = 0;
    }
    device.writeStatus(value, driverFeatures);
  }

  // ---- The selected queue.

  boolean queueSelected() {
    return queueSelect < device.queueCount();
  }

  QueueLayout layout() {
    return device.queues().at(queueSelect).layout();
  }

  void configure(QueueLayout layout) {
    device.configureQueue(queueSelect, layout);
  }

  /** A change that the specification allows only while the queue is not in use (4.1.4.3.2). */
  void change(QueueLayout layout) {
    if (layout().enabled()) {
      throw new VirtioFault("queue " + queueSelect + " changed while it is ready");
    }
    configure(layout);
  }

  QueueLayout sized(int entries) {
    if (!QueueLayout.sizeAllowed(entries, device.negotiated(Features.RING_PACKED))) {
      throw new VirtioFault(
          "queue %d sized to %d; a power of two up to %d is allowed, in a packed ring any number"
              .formatted(queueSelect, entries, Vring.MAX_SIZE));
    }
    return layout().withSize(entries);
  }

  static long low(long old, int value) {
    return old & ~LOW | value & LOW;
  }

  static long high(long old, int value) {
    return old & LOW | (long) value << 32;
  }

  // ---- State.

  void save(VirtioState state) {
    state.hostFeaturesSelect = hostFeaturesSelect;
    state.guestFeaturesSelect = guestFeaturesSelect;
    state.queueSelect = queueSelect;
    state.driverFeatures = driverFeatures;
  }

  void load(VirtioState state) {
    hostFeaturesSelect = state.hostFeaturesSelect;
    guestFeaturesSelect = state.guestFeaturesSelect;
    queueSelect = state.queueSelect;
    driverFeatures = state.driverFeatures;
  }

  void reset() {
    hostFeaturesSelect = 0;
    guestFeaturesSelect = 0;
    queueSelect = 0;
    driverFeatures = 0;
  }
}
