package handover.devices.pci;

/** A function on the bus as ECAM reaches it. Called on hart threads; takes its own lock. */
public interface PciDevice {
  /** Its name for messages, such as {@code virtio-net-pci}. */
  String name();

  /** The function behind it. */
  PciFunction function();

  /** Reads configuration space; the range is inside it and naturally aligned, 1 to 4 bytes. */
  long loadConfig(int offset, int bytes);

  /** Writes configuration space. */
  void storeConfig(int offset, int bytes, long value);
}
