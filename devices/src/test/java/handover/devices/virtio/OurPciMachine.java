package handover.devices.virtio;

import handover.devices.InterruptLine;
import handover.devices.MmioBus;
import handover.devices.pci.HostBridge;
import handover.devices.pci.OptionRom;
import handover.devices.pci.PciAddress;
import handover.devices.pci.PciBus;
import handover.devices.pci.PciEcam;
import handover.devices.pci.PciWindow;
import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Our PCI root at QEMU's addresses, with 16 MiB of RAM and devices as a test plugs them. */
final class OurPciMachine implements PciMachine {
  /** A message-signalled interrupt. */
  record Message(long address, int data) {}

  private static final long MMIO_SLOT = 0x1000_8000L;

  private final MmioBus bus = new MmioBus();
  private final GuestMemory memory;
  private final boolean[] wires = new boolean[PciBus.WIRES];
  private final PciBus pci = new PciBus(wire(0), wire(1), wire(2), wire(3));
  final List<Message> messages = new ArrayList<>();
  final HostBridge bridge;

  OurPciMachine() {
    this(new GuestMemory());
    memory.map(RAM, new RamBlock("test.ram", HostMapping.allocate("test", 16 << 20)), true);
  }

  /** A machine whose memory has just arrived from another host. */
  OurPciMachine(GuestMemory memory) {
    this.memory = memory;
    bridge = HostBridge.on(pci);
    bus.map(ECAM, new PciEcam(pci));
    bus.map(PORTS, PciWindow.ports(pci, 0x10000));
    bus.map(MMIO, PciWindow.memory(pci, MMIO, 0x4000_0000L));
  }

  private InterruptLine wire(int index) {
    return asserted -> wires[index] = asserted;
  }

  GuestMemory memory() {
    return memory;
  }

  boolean wire(PciAddress of) {
    return wires[of.slot() % PciBus.WIRES];
  }

  VirtioPci plug(int slot, VirtioDevice<?> device, Map<String, String> properties) {
    return plug(slot, device, properties, Optional.empty());
  }

  VirtioPci plug(
      int slot, VirtioDevice<?> device, Map<String, String> properties, Optional<OptionRom> rom) {
    return VirtioPci.plug(
        "virtio-test-pci",
        new PciPlace(pci, new PciAddress(slot, 0), rom, this::take),
        PciProperties.bind(
            "virtio-test-pci",
            properties,
            problem -> {
              throw new AssertionError(problem);
            }),
        device);
  }

  /** Puts a device into a slot of virtio-mmio beside it; where. */
  long plugMmio(VirtioDevice<?> device) {
    bus.map(MMIO_SLOT, new VirtioMmio(MMIO_SLOT, false, device, InterruptLine.NONE));
    return MMIO_SLOT;
  }

  private synchronized void take(long address, int data) {
    messages.add(new Message(address, data));
  }

  synchronized List<Message> takeMessages() {
    List<Message> taken = List.copyOf(messages);
    messages.clear();
    return taken;
  }

  @Override
  public long load(long address, int bytes) {
    MmioBus.Mapping mapping = bus.find(address, bytes);
    if (mapping != null) {
      return mapping.load(address, bytes);
    }
    return bytes == 2 ? memory.loadU16(address) : memory.loadU32(address);
  }

  @Override
  public void store(long address, int bytes, long value) {
    MmioBus.Mapping mapping = bus.find(address, bytes);
    if (mapping != null) {
      mapping.store(address, bytes, value);
    } else {
      memory.storeU32(address, (int) value);
    }
  }
}
