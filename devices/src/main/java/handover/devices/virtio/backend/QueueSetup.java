package handover.devices.virtio.backend;

/**
 * A virtqueue that the driver enabled: fixed until a reset.
 *
 * @param index number within the device
 * @param size entries
 * @param descriptors guest-physical address of the descriptor table
 * @param available guest-physical address of the available ring
 * @param used guest-physical address of the used ring
 */
public record QueueSetup(int index, int size, long descriptors, long available, long used) {}
