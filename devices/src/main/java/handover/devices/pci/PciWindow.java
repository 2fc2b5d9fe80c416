package handover.devices.pci;

import handover.devices.MmioDevice;

/** A range of guest-physical addresses through which harts reach the bus's memory or I/O space. */
public final class PciWindow implements MmioDevice {
  private final String name;
  private final PciAddressSpace space;
  private final long first;
  private final long size;

  private PciWindow(String name, PciAddressSpace space, long first, long size) {
    this.name = name;
    this.space = space;
    this.first = first;
    this.size = size;
  }

  /** A window onto memory space, at the addresses it has there. */
  public static PciWindow memory(PciBus bus, long base, long size) {
    return new PciWindow("pcie-mmio@%x".formatted(base), bus.memory(), base, size);
  }

  /** The window onto I/O space, from port 0. */
  public static PciWindow ports(PciBus bus, long size) {
    return new PciWindow("pcie-pio", bus.io(), 0, size);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long load(long offset, int bytes) {
    return space.load(first + offset, bytes);
  }

  @Override
  public void store(long offset, int bytes, long value) {
    space.store(first + offset, bytes, value);
  }
}
