package handover.devices.virtio;

import handover.devices.MmioDevice;

/** A slot of the MMIO transport with no device: drivers see device id 0 and leave (4.2.3.1.1). */
public final class EmptyMmioSlot implements MmioDevice {
  private final long address;
  private final boolean legacy;

  /** The slot at {@code address}. */
  public EmptyMmioSlot(long address, boolean legacy) {
    this.address = address;
    this.legacy = legacy;
  }

  @Override
  public String name() {
    return "virtio-mmio@%016x".formatted(address);
  }

  @Override
  public long size() {
    return VirtioMmio.SLOT_BYTES;
  }

  @Override
  public long load(long offset, int bytes) {
    if (bytes != 4) {
      return 0;
    }
    return switch ((int) offset) {
      case MmioRegister.MAGIC_VALUE -> VirtioMmio.MAGIC;
      case MmioRegister.VERSION -> legacy ? 1 : 2;
      case MmioRegister.VENDOR_ID -> VirtioMmio.VENDOR;
      default -> 0;
    };
  }

  @Override
  public void store(long offset, int bytes, long value) {}
}
