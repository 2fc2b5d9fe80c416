package handover.memory;

/**
 * A device was told to reach a guest-physical range that is not RAM. The guest's fault, not ours.
 */
public final class GuestMemoryFault extends RuntimeException {
  /** Describes the range and why it cannot be reached. */
  public GuestMemoryFault(long address, long length, String reason) {
    super("guest-physical 0x%x, length %d: %s".formatted(address, length, reason));
  }
}
