package handover.machine;

import handover.devices.InterruptLine;
import handover.devices.Lifecycle;
import handover.devices.MmioBus;
import handover.devices.pci.HostBridge;
import handover.devices.pci.PciBus;
import handover.devices.pci.PciEcam;
import handover.devices.pci.PciHost;
import handover.devices.pci.PciWindow;
import handover.vmstate.Migratable;
import java.util.List;
import java.util.stream.IntStream;

/** The board's PCI Express root: configuration space, windows, interrupt wires, host bridge. */
final class PciRoot {
  private final PciBus bus;
  private final HostBridge bridge;
  private final PciHost host = new PciHost();

  /** Puts configuration space and windows onto the board's bus. */
  PciRoot(MmioBus board, InterruptControllers interrupts, long memoryBytes) {
    bus =
        new PciBus(
            IntStream.range(0, PciBus.WIRES)
                .mapToObj(wire -> interrupts.input(VirtMap.PCIE_IRQ + wire))
                .toArray(InterruptLine[]::new));
    bridge = HostBridge.on(bus);
    long high = VirtMap.pcieMmioHigh(memoryBytes);
    board.map(VirtMap.PCIE_PIO, PciWindow.ports(bus, VirtMap.PCIE_PIO_SIZE));
    board.map(VirtMap.PCIE_ECAM, new PciEcam(bus));
    board.map(VirtMap.PCIE_MMIO, PciWindow.memory(bus, VirtMap.PCIE_MMIO, VirtMap.PCIE_MMIO_SIZE));
    board.map(high, PciWindow.memory(bus, high, VirtMap.PCIE_MMIO_HIGH_SIZE));
  }

  PciBus bus() {
    return bus;
  }

  List<Lifecycle> lifecycles() {
    return List.of(bridge, host);
  }

  /** What QEMU's stream has of it, in its order. */
  List<Migratable<?>> sections() {
    return List.of(bridge, host, bus);
  }
}
