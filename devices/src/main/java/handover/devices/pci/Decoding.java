package handover.devices.pci;

/**
 * A BAR that answers now.
 *
 * @param base address of its first byte in the BAR's space; never 0
 */
record Decoding(Bar bar, long base) {
  /** Whether the region lies in positive addresses, so that sums cannot overflow. */
  static boolean possible(long base, long size) {
    return base > 0 && base <= Long.MAX_VALUE - size;
  }
}
