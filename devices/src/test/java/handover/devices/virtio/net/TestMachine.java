package handover.devices.virtio.net;

/** Guest-physical address space as a driver reaches it, ours or QEMU's. */
interface TestMachine {
  /** Where RAM begins. */
  long RAM = 0x8000_0000L;

  /** The virtio-mmio slot that QEMU fills first. */
  long SLOT = 0x1000_8000L;

  /** Writes a 32-bit register. */
  void register(int offset, int value);

  /** Reads a 32-bit register. */
  int register(int offset);

  /** Writes guest memory. */
  void write(long address, byte[] bytes);

  /** Reads 16 bits of guest memory. */
  int load16(long address);
}
