package handover.devices.pci;

/**
 * What lies behind a base address register. Called on hart threads; the device takes its own lock.
 * Offsets are inside the region, sizes 1, 2, 4 or 8 and naturally aligned.
 */
public interface BarRegion {
  /** Reads {@code bytes} bytes, zero-extended. */
  long load(long offset, int bytes);

  /** Writes the low {@code bytes} bytes. */
  void store(long offset, int bytes, long value);
}
