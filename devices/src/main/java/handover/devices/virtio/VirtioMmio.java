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

  private final String path;
  private final boolean legacy;
  private final VirtioDevice<?> device;
  private final DriverRegisters registers;
  private int guestPageShift;

  /**
   * Puts {@code device} into the slot.
   *
   * @param address guest-physical address of the slot, which names the device in the stream
   * @param legacy whether drivers see version 1, the interface from before virtio 1.0
   * @param line the slot's interrupt
   */
  public VirtioMmio(long address, boolean legacy, VirtioDevice<?> device, InterruptLine line) {
    this.path = "virtio-mmio@%016x".formatted(address);
    this.legacy = legacy;
    this.device = device;
    this.registers = new DriverRegisters(device);
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
    return path;
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
          ? device.loadConfig((int) offset - CONFIG, bytes)
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

  private long loadRegister(int offset) {
    return switch (offset) {
      case MmioRegister.MAGIC_VALUE -> MAGIC;
      case MmioRegister.VERSION -> legacy ? 1 : 2;
      case MmioRegister.DEVICE_ID -> device.identity().deviceId();
      case MmioRegister.VENDOR_ID -> VENDOR;
      case MmioRegister.DEVICE_FEATURES ->
          registers.offered(legacy ? device.hostFeatures() & LOW : device.hostFeatures());
      case MmioRegister.QUEUE_NUM_MAX ->
          registers.queueSelected() ? device.queueRoom(registers.queueSelect) : 0;
      case MmioRegister.QUEUE_PFN ->
          legacy && registers.queueSelected()
              ? registers.layout().descriptors() >>> guestPageShift
              : 0;
      case MmioRegister.QUEUE_READY ->
          !legacy && registers.queueSelected() && registers.layout().enabled() ? 1 : 0;
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
      case MmioRegister.DEVICE_FEATURES_SEL -> registers.hostFeaturesSelect = value;
      case MmioRegister.DRIVER_FEATURES_SEL -> registers.guestFeaturesSelect = value;
      case MmioRegister.DRIVER_FEATURES -> storeFeatures(value);
      case MmioRegister.QUEUE_SEL -> registers.queueSelect = value & 0xffff;
      case MmioRegister.STATUS -> registers.writeStatus(value);
      default -> {
        if (legacy) {
          storeLegacy(offset, value);
        } else if (registers.queueSelected()) {
          storeModernQueue(offset, value);
        }
      }
    }
    device.stateChanged();
  }

  private void storeFeatures(int value) {
    if (!legacy) {
      registers.writeFeatures(value);
    } else if (registers.guestFeaturesSelect == 0) {
      registers.writeFeatures(value);
      device.writeLegacyFeatures(registers.driverFeatures);
    }
  }

  private void storeLegacy(int offset, int value) {
    if (offset == MmioRegister.GUEST_PAGE_SIZE) {
      guestPageShift = value == 0 ? 0 : 31 - Integer.numberOfLeadingZeros(value);
      return;
    }
    if (!registers.queueSelected()) {
      return;
    }
    switch (offset) {
      case MmioRegister.QUEUE_NUM -> registers.configure(registers.sized(value));
      case MmioRegister.QUEUE_ALIGN -> {
        if (!QueueLayout.alignAllowed(value)) {
          throw new VirtioFault("queue alignment of " + value);
        }
        registers.configure(registers.layout().withAlign(value));
      }
      case MmioRegister.QUEUE_PFN ->
          registers.configure(registers.layout().legacyAt((value & LOW) << guestPageShift));
      default -> {}
    }
  }

  private void storeModernQueue(int offset, int value) {
    QueueLayout old = registers.layout();
    if (offset == MmioRegister.QUEUE_RESET) {
      if (value == 1) {
        device.resetQueue(registers.queueSelect);
      }
      return;
    }
    if (offset == MmioRegister.QUEUE_READY) {
      registers.configure(old.withEnabled(value != 0));
      return;
    }
    switch (offset) {
      case MmioRegister.QUEUE_NUM -> registers.change(registers.sized(value));
      case MmioRegister.QUEUE_DESC_LOW ->
          registers.change(old.withDescriptors(DriverRegisters.low(old.descriptors(), value)));
      case MmioRegister.QUEUE_DESC_HIGH ->
          registers.change(old.withDescriptors(DriverRegisters.high(old.descriptors(), value)));
      case MmioRegister.QUEUE_DRIVER_LOW ->
          registers.change(old.withAvailable(DriverRegisters.low(old.available(), value)));
      case MmioRegister.QUEUE_DRIVER_HIGH ->
          registers.change(old.withAvailable(DriverRegisters.high(old.available(), value)));
      case MmioRegister.QUEUE_DEVICE_LOW ->
          registers.change(old.withUsed(DriverRegisters.low(old.used(), value)));
      case MmioRegister.QUEUE_DEVICE_HIGH ->
          registers.change(old.withUsed(DriverRegisters.high(old.used(), value)));
      default -> {}
    }
  }

  @Override
  public void save(VirtioState state) {
    registers.save(state);
    state.guestPageShift = guestPageShift;
  }

  @Override
  public void load(VirtioState state) {
    registers.load(state);
    guestPageShift = state.guestPageShift & 31;
  }

  @Override
  public void reset() {
    registers.reset();
    guestPageShift = 0;
  }
}
