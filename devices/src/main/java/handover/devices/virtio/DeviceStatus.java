package handover.devices.virtio;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Bits of the device status field (virtio 1.2, 2.1). */
final class DeviceStatus {
  private static final Map<Integer, String> NAMES =
      new TreeMap<>(
          Map.of(
              1, "ACKNOWLEDGE",
              2, "DRIVER",
              4, "DRIVER_OK",
              8, "FEATURES_OK",
              64, "DEVICE_NEEDS_RESET",
              128, "FAILED"));

  static final int DRIVER_OK = 0x04;
  static final int FEATURES_OK = 0x08;
  static final int NEEDS_RESET = 0x40;

  private DeviceStatus() {}

  /** The bits set, lowest first. */
  static List<String> names(int status) {
    return NAMES.entrySet().stream()
        .filter(e -> (status & e.getKey()) != 0)
        .map(Map.Entry::getValue)
        .toList();
  }
}
