package handover.machine;

import handover.devices.pci.PciBus;
import handover.machine.DeviceTree.Node;
import java.util.stream.IntStream;

/** The PCI host bridge's node in the device tree (IEEE 1275 PCI binding; pci-host-ecam-generic). */
final class PciNode {
  private static final int IO_SPACE = 0x1000000;
  private static final int MEMORY_32 = 0x2000000;
  private static final int MEMORY_64 = 0x3000000;
  private static final int SLOT_SHIFT = 11;

  private PciNode() {}

  static void describe(Node soc, InterruptNodes interrupts, long memoryBytes) {
    Node host =
        soc.child("pci@" + Long.toHexString(VirtMap.PCIE_ECAM))
            .text("compatible", "pci-host-ecam-generic")
            .text("device_type", "pci")
            .cells("#address-cells", 3)
            .cells("#size-cells", 2)
            .cells("#interrupt-cells", 1)
            .cells("linux,pci-domain", 0)
            .cells("bus-range", 0, 255)
            .flag("dma-coherent")
            .longs("reg", VirtMap.PCIE_ECAM, VirtMap.PCIE_ECAM_SIZE)
            .cells("ranges", ranges(memoryBytes))
            .cells("interrupt-map-mask", (PciBus.WIRES - 1) << SLOT_SHIFT, 0, 0, 7)
            .cells("interrupt-map", interruptMap(interrupts));
    interrupts.messageParent(host);
  }

  private static int[] ranges(long memoryBytes) {
    long high = VirtMap.pcieMmioHigh(memoryBytes);
    return concatenated(
        range(IO_SPACE, 0, VirtMap.PCIE_PIO, VirtMap.PCIE_PIO_SIZE),
        range(MEMORY_32, VirtMap.PCIE_MMIO, VirtMap.PCIE_MMIO, VirtMap.PCIE_MMIO_SIZE),
        range(MEMORY_64, high, high, VirtMap.PCIE_MMIO_HIGH_SIZE));
  }

  /** Bus address, address for harts, size. */
  private static int[] range(int space, long from, long to, long size) {
    return new int[] {
      space,
      (int) (from >>> 32),
      (int) from,
      (int) (to >>> 32),
      (int) to,
      (int) (size >>> 32),
      (int) size
    };
  }

  /**
   * Pin p of slot s is wire s + p: one entry for each of four slots, since the fifth is the first.
   */
  private static int[] interruptMap(InterruptNodes interrupts) {
    return concatenated(
        IntStream.range(0, PciBus.WIRES * PciBus.WIRES)
            .mapToObj(
                i -> {
                  int slot = i / PciBus.WIRES;
                  int pin = i % PciBus.WIRES;
                  int irq = VirtMap.PCIE_IRQ + (slot + pin) % PciBus.WIRES;
                  int[] place = {slot << SLOT_SHIFT, 0, 0, pin + 1, InterruptNodes.PARENT};
                  return concatenated(place, interrupts.cells(irq));
                })
            .toArray(int[][]::new));
  }

  private static int[] concatenated(int[]... parts) {
    return IntStream.range(0, parts.length).flatMap(i -> IntStream.of(parts[i])).toArray();
  }
}
