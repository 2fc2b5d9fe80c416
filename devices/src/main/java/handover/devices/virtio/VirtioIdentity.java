package handover.devices.virtio;

import java.util.List;

/**
 * What a virtio device is and offers, for life.
 *
 * @param name QEMU's name, such as {@code virtio-rng}; ends the section's name
 * @param deviceId number of the kind of device (virtio 1.2, 5)
 * @param features device-specific features offered; ring and transport features are added
 * @param configLength bytes of device-specific configuration space
 * @param queueSizes size of each queue until the driver chooses; powers of two up to 1024
 */
public record VirtioIdentity(
    String name, int deviceId, long features, int configLength, List<Integer> queueSizes) {

  /** Checks and copies. */
  public VirtioIdentity {
    queueSizes = List.copyOf(queueSizes);
    for (int size : queueSizes) {
      if (!QueueLayout.sizeAllowed(size)) {
        throw new IllegalArgumentException(name + ": a queue of " + size + " entries");
      }
    }
  }
}
