package handover.devices.virtio;

import handover.devices.pci.ConfigLayout;
import handover.devices.pci.PciIds;

/** How kinds of virtio devices appear on PCI (virtio 1.2, 4.1.2): ids and class codes. */
final class PciIdentity {
  private static final int VENDOR = 0x1af4;
  private static final int MODERN = 0x1040;
  private static final int MODERN_REVISION = 1;
  private static final int OTHER_CLASS = 0x00ff;

  private PciIdentity() {}

  /** Of a device of this kind that speaks only the modern interface, or both. */
  static ConfigLayout.Identity of(int deviceId, boolean transitional) {
    return transitional
        ? new ConfigLayout.Identity(
            VENDOR, transitionalId(deviceId), 0, classCode(deviceId), VENDOR, deviceId)
        : new ConfigLayout.Identity(
            VENDOR,
            MODERN + deviceId,
            MODERN_REVISION,
            classCode(deviceId),
            PciIds.SUBSYSTEM_VENDOR,
            PciIds.SUBSYSTEM);
  }

  /** Whether there is an id for drivers from before virtio 1.0. */
  static boolean hasTransitionalId(int deviceId) {
    return transitionalId(deviceId) != 0;
  }

  private static int transitionalId(int deviceId) {
    return switch (deviceId) {
      case 1 -> 0x1000;
      case 2 -> 0x1001;
      case 3 -> 0x1003;
      case 4 -> 0x1005;
      case 5 -> 0x1002;
      case 8 -> 0x1004;
      case 9 -> 0x1009;
      default -> 0;
    };
  }

  private static int classCode(int deviceId) {
    return switch (deviceId) {
      case 1 -> 0x0200;
      case 2, 8 -> 0x0100;
      case 3 -> 0x0780;
      case 9 -> 0x0002;
      default -> OTHER_CLASS;
    };
  }
}
