package handover.devices.virtio;

import handover.devices.pci.ConfigLayout;

/**
 * What is fixed of a virtio device's PCI function.
 *
 * @param layout of its configuration space
 * @param vectors of MSI-X; 0 for none
 */
public record PciShape(ConfigLayout layout, int vectors) {
  /** One of which nothing more is known. */
  static PciShape of(int vectors) {
    return new PciShape(new ConfigLayout(new ConfigLayout.Identity(0, 0, 0, 0, 0, 0)), vectors);
  }
}
