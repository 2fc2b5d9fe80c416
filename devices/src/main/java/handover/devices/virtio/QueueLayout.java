package handover.devices.virtio;

/**
 * Where the driver put a queue. Not checked against memory: that happens at first use.
 *
 * @param size entries, a power of two in a split ring
 * @param align legacy alignment of the used ring
 * @param descriptors guest-physical address of the descriptor table or ring
 * @param available guest-physical address of the available ring, or the driver's event suppression
 * @param used guest-physical address of the used ring, or the device's event suppression
 * @param enabled whether the driver has enabled it
 */
record QueueLayout(
    int size, int align, long descriptors, long available, long used, boolean enabled) {
  /** Alignment a queue has until a legacy driver says otherwise. */
  static final int DEFAULT_ALIGN = 4096;

  static QueueLayout initial(int size) {
    return new QueueLayout(size, DEFAULT_ALIGN, 0, 0, 0, false);
  }

  QueueLayout withSize(int entries) {
    return new QueueLayout(entries, align, descriptors, available, used, enabled);
  }

  QueueLayout withAlign(int bytes) {
    return new QueueLayout(size, bytes, descriptors, available, used, enabled);
  }

  QueueLayout withDescriptors(long address) {
    return new QueueLayout(size, align, address, available, used, enabled);
  }

  QueueLayout withAvailable(long address) {
    return new QueueLayout(size, align, descriptors, address, used, enabled);
  }

  QueueLayout withUsed(long address) {
    return new QueueLayout(size, align, descriptors, available, address, enabled);
  }

  QueueLayout withEnabled(boolean on) {
    return new QueueLayout(size, align, descriptors, available, used, on);
  }

  /** The legacy layout: all three parts in one piece (virtio 1.2, 2.7.2); address 0 disables. */
  QueueLayout legacyAt(long address) {
    if (address == 0) {
      return new QueueLayout(size, align, 0, 0, 0, false);
    }
    long rings = address + 16L * size;
    long end = rings + 2L * (3 + size);
    return new QueueLayout(size, align, address, rings, end + align - 1 & -(long) align, true);
  }

  /** Whether the size can be. */
  static boolean sizeAllowed(long entries) {
    return sizeAllowed(entries, false);
  }

  /** Whether the size can be; a packed ring's need not be a power of two. */
  static boolean sizeAllowed(long entries, boolean packed) {
    return entries > 0 && entries <= Vring.MAX_SIZE && (packed || Long.bitCount(entries) == 1);
  }

  /** Whether the alignment can be. */
  static boolean alignAllowed(long bytes) {
    return bytes > 0 && Long.bitCount(bytes) == 1;
  }
}
