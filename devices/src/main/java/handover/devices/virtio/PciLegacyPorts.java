package handover.devices.virtio;

import handover.devices.pci.BarRegion;
import handover.devices.pci.Msix;

/**
 * The I/O ports of the interface from before virtio 1.0 (virtio 1.2, 4.1.4.10), which a
 * transitional device has beside the modern one. Queues have the size the device gives them.
 */
final class PciLegacyPorts implements BarRegion {
  private static final int DEVICE_FEATURES = 0;
  private static final int DRIVER_FEATURES = 4;
  private static final int QUEUE_ADDRESS = 8;
  private static final int QUEUE_SIZE = 12;
  private static final int QUEUE_SELECT = 14;
  private static final int QUEUE_NOTIFY = 16;
  private static final int STATUS = 18;
  private static final int ISR_STATUS = 19;
  private static final int CONFIG_VECTOR = 20;
  private static final int QUEUE_VECTOR = 22;
  private static final int HEADER = 20;
  private static final int HEADER_WITH_VECTORS = 24;
  private static final int PAGE_SHIFT = 12;
  private static final long LOW = 0xffff_ffffL;

  private final VirtioPci transport;
  private final VirtioDevice<?> device;
  private final DriverRegisters registers;

  PciLegacyPorts(VirtioPci transport, VirtioDevice<?> device, DriverRegisters registers) {
    this.transport = transport;
    this.device = device;
    this.registers = registers;
  }

  /** Bytes of the region: a power of two that holds header and configuration space. */
  static long size(VirtioDevice<?> device) {
    int needed = HEADER_WITH_VECTORS + device.identity().configLength();
    return Math.max(32, Integer.highestOneBit(needed - 1) * 2L);
  }

  @Override
  public long load(long offset, int bytes) {
    if (offset == ISR_STATUS) {
      return device.interrupts().take();
    }
    device.lock();
    try {
      int header = header();
      return offset >= header
          ? device.loadConfig((int) offset - header, bytes)
          : loadPort((int) offset) & VirtioPci.mask(bytes);
    } catch (RuntimeException e) {
      device.stopped(e);
      return 0;
    } finally {
      device.unlock();
    }
  }

  private long loadPort(int offset) {
    return switch (offset) {
      case DEVICE_FEATURES -> device.hostFeatures() & LOW;
      case DRIVER_FEATURES -> device.guestFeatures() & LOW;
      case QUEUE_ADDRESS ->
          registers.queueSelected() ? registers.layout().descriptors() >>> PAGE_SHIFT : 0;
      case QUEUE_SIZE -> registers.queueSelected() ? registers.layout().size() : 0;
      case QUEUE_SELECT -> registers.queueSelect;
      case STATUS -> device.status();
      case CONFIG_VECTOR -> transport.common().configVector();
      case QUEUE_VECTOR ->
          registers.queueSelected()
              ? transport.common().queueVector(registers.queueSelect)
              : Msix.NO_VECTOR;
      default -> 0;
    };
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (offset == QUEUE_NOTIFY) {
      device.kick((int) value & 0xffff);
      return;
    }
    device.lock();
    try {
      int header = header();
      if (offset >= header) {
        device.storeConfig((int) offset - header, bytes, value);
      } else {
        storePort((int) offset, (int) value);
      }
    } catch (RuntimeException e) {
      device.stopped(e);
    } finally {
      device.unlock();
    }
  }

  private void storePort(int offset, int value) {
    switch (offset) {
      case DRIVER_FEATURES -> device.writeLegacyFeatures(value & LOW);
      case QUEUE_SELECT -> registers.queueSelect = value & 0xffff;
      case STATUS -> transport.legacyStatus(value & 0xff);
      case CONFIG_VECTOR -> transport.common().configVector(value);
      default -> {
        if (registers.queueSelected()) {
          storeQueue(offset, value);
        }
      }
    }
    device.stateChanged();
  }

  private void storeQueue(int offset, int value) {
    if (offset == QUEUE_ADDRESS) {
      registers.configure(registers.layout().legacyAt((value & LOW) << PAGE_SHIFT));
    } else if (offset == QUEUE_VECTOR) {
      transport.common().queueVector(registers.queueSelect, value);
    }
  }

  private int header() {
    return transport.usesMsix() ? HEADER_WITH_VECTORS : HEADER;
  }
}
