package handover.machine;

import handover.devices.InterruptLine;
import handover.devices.MessageSink;
import handover.devices.MmioBus;
import handover.devices.PropertyValues;
import handover.devices.pci.OptionRom;
import handover.devices.pci.PciAddress;
import handover.devices.pci.PciSlots;
import handover.devices.virtio.EmptyMmioSlot;
import handover.devices.virtio.PciPlace;
import handover.devices.virtio.PciProperties;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioMmio;
import handover.devices.virtio.VirtioPci;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Where virtio devices go: virtio-mmio slots, the last one first as in QEMU, or the PCI bus. */
final class VirtioSlots {
  private final MmioBus bus;
  private final IntFunction<InterruptLine> interrupts;
  private final PciRoot pci;
  private final OptionRoms roms;
  private final MessageSink messages;
  private final boolean legacyMmio;
  private final PciSlots places = new PciSlots();
  private final List<VirtioPci> functions = new ArrayList<>();
  private int wanted;
  private int free = VirtMap.VIRTIO_SLOTS;

  /**
   * All of them empty.
   *
   * @param interrupts input of the interrupt controller by number
   * @param roms where PCI functions get their option ROMs
   * @param messages where PCI functions' message-signalled interrupts go
   * @param legacyMmio whether virtio-mmio slots speak the interface from before virtio 1.0
   */
  VirtioSlots(
      MmioBus bus,
      IntFunction<InterruptLine> interrupts,
      PciRoot pci,
      OptionRoms roms,
      MessageSink messages,
      boolean legacyMmio) {
    this.bus = bus;
    this.interrupts = interrupts;
    this.pci = pci;
    this.roms = roms;
    this.messages = messages;
    this.legacyMmio = legacyMmio;
  }

  /** Puts a device into a slot: the bus it is on then; empty, with the problem told, for none. */
  Optional<String> plug(DeviceDrivers.Made made, Consumer<String> problems) {
    return made.pci().isPresent()
        ? plugPci(made, made.pci().get(), problems)
        : plugMmio(made.device());
  }

  private Optional<String> plugPci(
      DeviceDrivers.Made made, PropertyValues properties, Consumer<String> problems) {
    Optional<PciAddress> place =
        places.take(
            made.driver(),
            PciProperties.address(properties),
            PciProperties.multifunction(properties),
            problems);
    place.ifPresent(at -> functions.add(plugAt(at, made, properties, problems)));
    return place.map(at -> BoardObjects.PCI_BUS);
  }

  private VirtioPci plugAt(
      PciAddress at,
      DeviceDrivers.Made made,
      PropertyValues properties,
      Consumer<String> problems) {
    Optional<OptionRom> rom = roms.of(made, at, properties, problems);
    PciPlace place = new PciPlace(pci.bus(), at, rom, messages);
    return VirtioPci.plug(made.driver(), place, properties, made.device());
  }

  private Optional<String> plugMmio(VirtioDevice<?> device) {
    wanted++;
    if (free == 0) {
      return Optional.empty();
    }
    long address = address(--free);
    InterruptLine line = interrupts.apply(VirtMap.VIRTIO_IRQ + free);
    bus.map(address, new VirtioMmio(address, legacyMmio, device, line));
    return Optional.of(BoardObjects.mmioBus(free));
  }

  /** The devices that are on PCI. */
  List<VirtioPci> functions() {
    return functions;
  }

  /** Closes the slots that stay empty. */
  void close(Consumer<String> problems) {
    if (wanted > VirtMap.VIRTIO_SLOTS) {
      problems.accept(
          "-device is given %d times for virtio-mmio, which has %d slots; use virtio-…-pci"
              .formatted(wanted, VirtMap.VIRTIO_SLOTS));
    }
    while (free > 0) {
      long address = address(--free);
      bus.map(address, new EmptyMmioSlot(address, legacyMmio));
    }
  }

  private static long address(int slot) {
    return VirtMap.VIRTIO + slot * VirtMap.VIRTIO_SIZE;
  }
}
