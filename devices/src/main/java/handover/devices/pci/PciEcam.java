package handover.devices.pci;

import handover.devices.MmioDevice;

/**
 * Configuration space as memory (PCI Express Base 5.0, 7.2.2): 4 KiB a function, 1 MiB a bus. There
 * is bus 0 only. Reads where nobody is give all ones, so that a guest finds an empty slot.
 */
public final class PciEcam implements MmioDevice {
  /** Address space of 256 buses. */
  public static final long SIZE = 256L << 20;

  private static final int BUS_SHIFT = 20;
  private static final int FUNCTION_SHIFT = 12;
  private static final int REGISTER = 0xfff;
  private static final long NOBODY = -1;

  private final PciBus bus;

  /** The configuration space of everything on {@code bus}. */
  public PciEcam(PciBus bus) {
    this.bus = bus;
  }

  @Override
  public String name() {
    return "pcie-ecam";
  }

  @Override
  public long size() {
    return SIZE;
  }

  @Override
  public long load(long offset, int bytes) {
    if (bytes == 8) {
      return load(offset, 4) | load(offset + 4, 4) << 32;
    }
    PciDevice device = device(offset);
    return device == null
        ? NOBODY >>> 64 - 8 * bytes
        : device.loadConfig((int) offset & REGISTER, bytes);
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (bytes == 8) {
      store(offset, 4, value);
      store(offset + 4, 4, value >>> 32);
      return;
    }
    PciDevice device = device(offset);
    if (device != null) {
      device.storeConfig((int) offset & REGISTER, bytes, value);
    }
  }

  private PciDevice device(long offset) {
    boolean there = offset >>> BUS_SHIFT == 0 && (offset & REGISTER) < ConfigLayout.SIZE;
    return there ? bus.device((int) (offset >>> FUNCTION_SHIFT)) : null;
  }
}
