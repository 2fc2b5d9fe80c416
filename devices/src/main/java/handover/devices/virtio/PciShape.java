package handover.devices.virtio;

import handover.devices.pci.ConfigLayout;

/**
 * What is fixed of a virtio device's PCI function.
 *
 * @param layout of its configuration space
 * @param vectors of MSI-X; 0 for none
 */
public record PciShape(ConfigLayout layout, int vectors) {}
