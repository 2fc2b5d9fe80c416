package handover.devices.virtio;

import handover.devices.MessageSink;
import handover.devices.pci.OptionRom;
import handover.devices.pci.PciAddress;
import handover.devices.pci.PciBus;
import java.util.Optional;

/**
 * Where a function is plugged, and with what.
 *
 * @param address a free place on the bus
 * @param rom its option ROM, if it has one
 * @param messages where its message-signalled interrupts go
 */
public record PciPlace(
    PciBus bus, PciAddress address, Optional<OptionRom> rom, MessageSink messages) {}
