package handover.devices.virtio;

/** Guest-physical address space as a hart reaches it, ours or QEMU's, with PCI in it. */
interface PciMachine {
  long ECAM = 0x3000_0000L;
  long PORTS = 0x300_0000L;
  long MMIO = 0x4000_0000L;
  long RAM = 0x8000_0000L;

  /** Reads 1, 2, 4 or 8 bytes. */
  long load(long address, int bytes);

  /** Writes 1, 2, 4 or 8 bytes. */
  void store(long address, int bytes, long value);

  /** Reads configuration space of function 0 in {@code slot}. */
  default long config(int slot, int offset, int bytes) {
    return load(ECAM + (slot << 15) + offset, bytes);
  }

  /** Writes configuration space of function 0 in {@code slot}. */
  default void config(int slot, int offset, int bytes, long value) {
    store(ECAM + (slot << 15) + offset, bytes, value);
  }
}
