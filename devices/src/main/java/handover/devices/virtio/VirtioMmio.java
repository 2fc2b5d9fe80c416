package handover.devices.virtio;

import handover.devices.InterruptLine;
import handover.devices.MmioDevice;

/**
 * The MMIO transport (virtio 1.2, 4.2), modern or legacy: one device behind a page of registers.
 *
 * <p>Kicks and the interrupt registers never wait for the device's lock; all others do. Registers
 * are 32 bits wide and answer only 32-bit accesses; configuration space answers any width.
 */
public final class VirtioMmio implements MmioDevice, VirtioTransport {
  /** Address space of one slot. */
  public static final long SLOT_BYTES = 0x1000;

  static final int MAGIC = 0x74726976;
  static final int VENDOR = 0x554d4551;
  private static final int CONFIG = 0x100;
  private static final long LOW = 0xffff_ffffL;

  private final long address;
  private final boolean legacy;
  private final VirtioDevice<?> device;

  private int hostFeaturesSelect;
  private int guestFeaturesSelect;
  private int guestPageShift;
  private int queueSelect;
  private long driverFeatures;

  /**
   * Puts {@code device} into the slot.
   *
   * @param address guest-physical address of the slot, which names the device in the stream
   * @param legacy whether drivers see version 1, the interface from before virtio 1.0
   * @param line the slot's interrupt
   */
  public VirtioMmio(long address, boolean legacy, VirtioDevice<?> device, InterruptLine line) {
    this.address = address;
    this.legacy = legacy;
    this.device = device;
    device.attach(this, line);
  }

  @Override
  public String name() {
    return path();
  }

  @Override
  public long size() {
    return SLOT_BYTES;
  }

  @Override
  public String path() {
    return "virtio-mmio@%016x".formatted(address);
  }

  @Override
  public boolean legacy() {
    return legacy;
  }

  /** The device in the slot. */
  public VirtioDevice<?> device() {
    return device;
  }

  @Override
  public long load(long offset, int bytes) {
    if (offset == MmioRegister.INTERRUPT_STATUS && bytes == 4) {
      return device.interrupts().value();
    }
    device.lock();
    try {
      return offset >= CONFIG
          ? loadConfig((int) offset - CONFIG, bytes)
          : bytes == 4 ? loadRegister((int) offset) & LOW : 0;
    } catch (RuntimeException e) {
      device.stopped(e);
      return 0;
    } finally {
      device.unlock();
    }
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (bytes == 4 && offset == MmioRegister.QUEUE_NOTIFY) {
      device.kick((int) value & 0xffff);
    } else if (bytes == 4 && offset == MmioRegister.INTERRUPT_ACK) {
      device.interrupts().acknowledge((int) value);
    } else {
      storeSlowly(offset, bytes, value);
    }
  }

  private void storeSlowly(long offset, int bytes, long value) {
    device.lock();
    try {
      if (offset >= CONFIG) {
        device.storeConfig((int) offset - CONFIG, bytes, value);
      } else if (bytes == 4) {
        storeRegister((int) offset, (int) value);
      }
    } catch (RuntimeException e) {
      device.stopped(e);
    } finally {
      device.unlock();
    }
  }

  private long loadConfig(int offset, int bytes) {
    if (offset + bytes > device.identity().configLength()) {
      return 0;
    }
    var config = device.config();
    return switch (bytes) {
      case 1 -> config.get(offset) & 0xff;
      case 2 -> config.getShort(offset) & 0xffff;
      case 4 -> config.getInt(offset) & LOW;
      default -> config.getLong(offset);
    };
  }

  private long loadRegister(int offset) {
    return switch (offset) {
      case MmioRegister.MAGIC_VALUE -> MAGIC;
      case MmioRegister.VERSION -> legacy ? 1 : 2;
      case MmioRegister.DEVICE_ID -> device.identity().deviceId();
      case MmioRegister.VENDOR_ID -> VENDOR;
      case MmioRegister.DEVICE_FEATURES ->
          hostFeaturesSelect == 0
              ? device.hostFeatures()
              : hostFeaturesSelect == 1 && !legacy ? device.hostFeatures() >>> 32 : 0;
      case MmioRegister.QUEUE_NUM_MAX -> queueSelected() ? Vring.MAX_SIZE : 0;
      case MmioRegister.QUEUE_PFN ->
          legacy && queueSelected() ? layout().descriptors() >>> guestPageShift : 0;
      case MmioRegister.QUEUE_READY -> !legacy && queueSelected() && layout().enabled() ? 1 : 0;
      case MmioRegister.STATUS -> device.status();
      case MmioRegister.CONFIG_GENERATION -> legacy ? 0 : device.configGeneration();
      case MmioRegister.SHM_LENGTH_LOW,
          MmioRegister.SHM_LENGTH_HIGH,
          MmioRegister.SHM_BASE_LOW,
          MmioRegister.SHM_BASE_HIGH ->
          -1;
      default -> 0;
    };
  }

  private void storeRegister(int offset, int value) {
    switch (offset) {
      case MmioRegister.DEVICE_FEATURES_SEL -> hostFeaturesSelect = value;
      case MmioRegister.DRIVER_FEATURES_SEL -> guestFeaturesSelect = value;
      case MmioRegister.DRIVER_FEATURES -> storeFeatures(value);
      case MmioRegister.QUEUE_SEL -> queueSelect = value & 0xffff;
      case MmioRegister.STATUS -> storeStatus(value);
      default -> {
        if (legacy) {
          storeLegacy(offset, value);
        } else if (queueSelected()) {
          storeModernQueue(offset, value);
        }
      }
    }
    device.stateChanged();
  }

  private void storeFeatures(int value) {
    if (guestFeaturesSelect == 0) {
      driverFeatures = driverFeatures & ~LOW | value & LOW;
    } else if (guestFeaturesSelect == 1 && !legacy) {
      driverFeatures = driverFeatures & LOW | (long) value << 32;
    }
    if (legacy) {
      device.writeLegacyFeatures(driverFeatures);
    }
  }

  private void storeStatus(int value) {
    if (value == 0) {
      // The selectors and the page size stay: Linux writes the legacy page size before it resets.
      driverFeatures = 0;
    }
    device.writeStatus(value, driverFeatures);
  }

  private void storeLegacy(int offset, int value) {
    if (offset == MmioRegister.GUEST_PAGE_SIZE) {
      guestPageShift = value == 0 ? 0 : 31 - Integer.numberOfLeadingZeros(value);
      return;
    }
    if (!queueSelected()) {
      return;
    }
    switch (offset) {
      case MmioRegister.QUEUE_NUM -> configure(sized(value));
      case MmioRegister.QUEUE_ALIGN -> {
        if (!QueueLayout.alignAllowed(value)) {
          throw new VirtioFault("queue alignment of " + value);
        }
        configure(layout().withAlign(value));
      }
      case MmioRegister.QUEUE_PFN -> configure(layout().legacyAt((value & LOW) << guestPageShift));
      default -> {}
    }
  }

  private void storeModernQueue(int offset, int value) {
    QueueLayout old = layout();
    if (offset == MmioRegister.QUEUE_RESET) {
      if (value == 1) {
        device.resetQueue(queueSelect);
      }
      return;
    }
    if (offset == MmioRegister.QUEUE_READY) {
      configure(old.withEnabled(value != 0));
      return;
    }
    switch (offset) {
      case MmioRegister.QUEUE_NUM -> change(sized(value));
      case MmioRegister.QUEUE_DESC_LOW ->
          change(old.withDescriptors(low(old.descriptors(), value)));
      case MmioRegister.QUEUE_DESC_HIGH ->
          change(old.withDescriptors(high(old.descriptors(), value)));
      case MmioRegister.QUEUE_DRIVER_LOW -> change(old.withAvailable(low(old.available(), value)));
      case MmioRegister.QUEUE_DRIVER_HIGH ->
          change(old.withAvailable(high(old.available(), value)));
      case MmioRegister.QUEUE_DEVICE_LOW -> change(old.withUsed(low(old.used(), value)));
      case MmioRegister.QUEUE_DEVICE_HIGH -> change(old.withUsed(high(old.used(), value)));
      default -> {}
    }
  }

  /** A change that the specification allows only while the queue is not ready (4.2.2.2). */
  private void change(QueueLayout layout) {
    if (layout().enabled()) {
      throw new VirtioFault("queue " + queueSelect + " changed while it is ready");
    }
    configure(layout);
  }

  private void configure(QueueLayout layout) {
    device.configureQueue(queueSelect, layout);
  }

  private QueueLayout sized(int entries) {
    if (!QueueLayout.sizeAllowed(entries, device.negotiated(Features.RING_PACKED))) {
      throw new VirtioFault(
          "queue %d sized to %d; a power of two up to %d is allowed, in a packed ring any number"
              .formatted(queueSelect, entries, Vring.MAX_SIZE));
    }
    return layout().withSize(entries);
  }

  private boolean queueSelected() {
    return queueSelect < device.queueCount();
  }

  private QueueLayout layout() {
    return device.queues()[queueSelect].layout();
  }

  private static long low(long old, int value) {
    return old & ~LOW | value & LOW;
  }

  private static long high(long old, int value) {
    return old & LOW | (long) value << 32;
  }

  @Override
  public void save(VirtioState state) {
    state.hostFeaturesSelect = hostFeaturesSelect;
    state.guestFeaturesSelect = guestFeaturesSelect;
    state.guestPageShift = guestPageShift;
    state.queueSelect = queueSelect;
    state.driverFeatures = driverFeatures;
  }

  @Override
  public void load(VirtioState state) {
    hostFeaturesSelect = state.hostFeaturesSelect;
    guestFeaturesSelect = state.guestFeaturesSelect;
    guestPageShift = state.guestPageShift & 31;
    queueSelect = state.queueSelect;
    driverFeatures = state.driverFeatures;
  }

  @Override
  public void reset() {
    hostFeaturesSelect = 0;
    guestFeaturesSelect = 0;
    guestPageShift = 0;
    queueSelect = 0;
    driverFeatures = 0;
  }
}
