package handover.devices;

/**
 * A device with registers in guest-physical space.
 *
 * <p>Called from hart threads; the device takes its own lock. Offsets are inside {@code [0, size)},
 * sizes are 1, 2, 4 or 8 and naturally aligned; anything else never arrives.
 */
public interface MmioDevice {
  /** Name for logs, such as {@code plic}. */
  String name();

  /** Bytes of address space taken. */
  long size();

  /** Reads {@code bytes} bytes, zero-extended. Registers that do not exist read as 0. */
  long load(long offset, int bytes);

  /** Writes the low {@code bytes} bytes. Registers that do not exist ignore it. */
  void store(long offset, int bytes, long value);
}
