package handover.devices.virtio.backend;

/**
 * Where a back end begins in a ring; known only once the guest has stopped.
 *
 * @param index number of the queue within the device
 * @param lastAvailable the next entry of the available ring to take; of a packed ring, the next
 *     descriptor with the wrap counter in bit 15
 * @param used where to put used descriptors of a packed ring, in the same form; a split ring has
 *     this in guest memory
 */
public record QueuePosition(int index, int lastAvailable, int used) {}
