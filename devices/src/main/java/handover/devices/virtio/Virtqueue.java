package handover.devices.virtio;

/**
 * A virtqueue as its device sees it; split and packed rings look alike from here.
 *
 * <p>Not thread-safe: used under its device's lock. Every method reads rings the guest owns; a rule
 * broken there throws {@link VirtioFault}, which the device turns into NEEDS_RESET.
 */
public interface Virtqueue {
  /** Number within the device. */
  int index();

  /** Entries, at most 1024; 0 while not configured. */
  int size();

  /** Whether the driver has enabled it. */
  boolean ready();

  /** Whether {@link #pop} would return a chain. */
  boolean hasAvailable();

  /** The next available chain, or null. Allocates nothing. */
  DescriptorChain pop();

  /** Gives back the chain that {@link #pop} returned last, as if never taken. */
  void unpop(DescriptorChain chain);

  /** Returns a chain to the driver with {@code written} bytes filled in; not yet visible. */
  void push(DescriptorChain chain, int written);

  /** Publishes everything pushed and interrupts the driver unless it asked not to be. */
  void publish();

  /**
   * Asks the driver for a kick when it adds a buffer.
   *
   * @return true if buffers arrived meanwhile, so that the caller must look again
   */
  boolean enableKicks();

  /** Tells the driver that kicks are not needed while the device is polling. */
  void disableKicks();
}
