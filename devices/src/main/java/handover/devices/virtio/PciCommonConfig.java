package handover.devices.virtio;

import handover.devices.pci.Msix;
import java.util.Arrays;

/**
 * The common configuration structure (virtio 1.2, 4.1.4.3), and the vectors it sets. A field
 * answers at its own offset, a 64-bit one also in halves; all else reads as 0 and ignores writes.
 * Guarded by the device's lock.
 */
final class PciCommonConfig {
  private static final int DEVICE_FEATURE_SELECT = 0x00;
  private static final int DEVICE_FEATURE = 0x04;
  private static final int DRIVER_FEATURE_SELECT = 0x08;
  private static final int DRIVER_FEATURE = 0x0c;
  private static final int CONFIG_VECTOR = 0x10;
  private static final int QUEUE_COUNT = 0x12;
  static final int STATUS = 0x14;
  private static final int CONFIG_GENERATION = 0x15;
  private static final int QUEUE_SELECT = 0x16;
  private static final int QUEUE_SIZE = 0x18;
  private static final int QUEUE_VECTOR = 0x1a;
  private static final int QUEUE_ENABLE = 0x1c;
  private static final int QUEUE_NOTIFY_OFF = 0x1e;
  private static final int QUEUE_DESC = 0x20;
  private static final int QUEUE_DRIVER = 0x28;
  private static final int QUEUE_DEVICE = 0x30;
  private static final int QUEUE_RESET = 0x3a;

  private final VirtioDevice<?> device;
  private final DriverRegisters registers;
  private final int vectors;
  private final int[] queueVectors;
  private int configVector;

  PciCommonConfig(VirtioDevice<?> device, DriverRegisters registers, int vectors) {
    this.device = device;
    this.registers = registers;
    this.vectors = vectors;
    this.queueVectors = new int[device.queueCount()];
    resetVectors();
  }

  // ---- Registers.

  /** Reads a field; the caller cuts it to size. */
  long load(int offset) {
    return switch (offset) {
      case DEVICE_FEATURE_SELECT -> registers.hostFeaturesSelect;
      case DEVICE_FEATURE -> registers.offered(device.modernFeatures());
      case DRIVER_FEATURE_SELECT -> registers.guestFeaturesSelect;
      case DRIVER_FEATURE -> writtenFeatures();
      case CONFIG_VECTOR -> configVector;
      case QUEUE_COUNT -> device.queueCount();
      case STATUS -> device.status();
      case CONFIG_GENERATION -> device.configGeneration();
      case QUEUE_SELECT -> registers.queueSelect;
      default -> registers.queueSelected() ? loadQueue(offset) : 0;
    };
  }

  private long loadQueue(int offset) {
    QueueLayout at = registers.layout();
    return switch (offset) {
      case QUEUE_SIZE -> at.size();
      case QUEUE_VECTOR -> queueVectors[registers.queueSelect];
      case QUEUE_ENABLE -> at.enabled() ? 1 : 0;
      case QUEUE_NOTIFY_OFF -> registers.queueSelect;
      case QUEUE_DESC -> at.descriptors();
      case QUEUE_DESC + 4 -> at.descriptors() >>> 32;
      case QUEUE_DRIVER -> at.available();
      case QUEUE_DRIVER + 4 -> at.available() >>> 32;
      case QUEUE_DEVICE -> at.used();
      case QUEUE_DEVICE + 4 -> at.used() >>> 32;
      default -> 0;
    };
  }

  private long writtenFeatures() {
    return switch (registers.guestFeaturesSelect) {
      case 0 -> registers.driverFeatures;
      case 1 -> registers.driverFeatures >>> 32;
      default -> 0;
    };
  }

  /** Writes up to 32 bits. */
  void store(int offset, int value) {
    switch (offset) {
      case DEVICE_FEATURE_SELECT -> registers.hostFeaturesSelect = value;
      case DRIVER_FEATURE_SELECT -> registers.guestFeaturesSelect = value;
      case DRIVER_FEATURE -> registers.writeFeatures(value);
      case CONFIG_VECTOR -> configVector = vector(value);
      case STATUS -> registers.writeStatus(value & 0xff);
      case QUEUE_SELECT -> registers.queueSelect = value & 0xffff;
      default -> {
        if (registers.queueSelected()) {
          storeQueue(offset, value);
        }
      }
    }
    device.stateChanged();
  }

  private void storeQueue(int offset, int value) {
    QueueLayout old = registers.layout();
    switch (offset) {
      case QUEUE_SIZE -> registers.change(registers.sized(value & 0xffff));
      case QUEUE_VECTOR -> queueVectors[registers.queueSelect] = vector(value);
      case QUEUE_ENABLE -> {
        if ((value & 0xffff) == 1 && !old.enabled()) {
          registers.configure(old.withEnabled(true));
        }
      }
      case QUEUE_RESET -> {
        if ((value & 0xffff) == 1) {
          device.resetQueue(registers.queueSelect);
        }
      }
      default -> storeAddress(offset, value, old);
    }
  }

  private void storeAddress(int offset, int value, QueueLayout old) {
    boolean high = (offset & 4) != 0;
    switch (offset & ~4) {
      case QUEUE_DESC ->
          registers.change(old.withDescriptors(half(old.descriptors(), value, high)));
      case QUEUE_DRIVER -> registers.change(old.withAvailable(half(old.available(), value, high)));
      case QUEUE_DEVICE -> registers.change(old.withUsed(half(old.used(), value, high)));
      default -> {}
    }
  }

  private static long half(long old, int value, boolean high) {
    return high ? DriverRegisters.high(old, value) : DriverRegisters.low(old, value);
  }

  // ---- Vectors.

  /** A vector that does not exist cannot be set: the driver reads back that there is none. */
  private int vector(int wanted) {
    int vector = wanted & 0xffff;
    return vector < vectors ? vector : Msix.NO_VECTOR;
  }

  int configVector() {
    return configVector;
  }

  int queueVector(int queue) {
    return queueVectors[queue];
  }

  void configVector(int wanted) {
    configVector = vector(wanted);
    device.stateChanged();
  }

  void queueVector(int queue, int wanted) {
    queueVectors[queue] = vector(wanted);
    device.stateChanged();
  }

  void resetVectors() {
    configVector = Msix.NO_VECTOR;
    Arrays.fill(queueVectors, Msix.NO_VECTOR);
  }

  void save(PciState state) {
    state.configVector = configVector;
    System.arraycopy(queueVectors, 0, state.queueVectors, 0, queueVectors.length);
  }

  void load(PciState state) {
    configVector = vector(state.configVector);
    Arrays.setAll(queueVectors, i -> vector(state.queueVectors[i]));
  }
}
