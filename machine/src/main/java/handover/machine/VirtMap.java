package handover.machine;

import handover.devices.Aclint;
import handover.devices.Plic;
import handover.devices.pci.PciEcam;

/** Addresses and interrupt numbers of QEMU's {@code virt} board. */
public final class VirtMap {
  public static final long MROM = 0x1000;
  public static final long MROM_SIZE = 0xf000;
  public static final long TEST = 0x100000;
  public static final long TEST_SIZE = 0x1000;
  public static final long RTC = 0x101000;
  public static final long RTC_SIZE = 0x1000;
  public static final int RTC_IRQ = 11;
  public static final long CLINT = 0x2000000;
  public static final long CLINT_SIZE = Aclint.SIZE;
  public static final long PLIC = 0xc000000;
  public static final long PLIC_SIZE = Plic.SIZE;
  public static final long UART = 0x10000000;
  public static final long UART_SIZE = 0x100;
  public static final int UART_IRQ = 10;

  /** First of eight slots, which lie {@link #VIRTIO_SIZE} apart. */
  public static final long VIRTIO = 0x10001000;

  public static final long VIRTIO_SIZE = 0x1000;
  public static final int VIRTIO_SLOTS = 8;

  /** Interrupt of the first slot; the others follow. */
  public static final int VIRTIO_IRQ = 1;

  public static final long FW_CFG = 0x10100000;
  public static final long FW_CFG_SIZE = 0x18;

  /** First of two banks, one after the other. */
  public static final long FLASH = 0x20000000;

  public static final long FLASH_BANK_SIZE = 32L << 20;

  /** First port of the PCI bus's I/O space. */
  public static final long PCIE_PIO = 0x3000000;

  public static final long PCIE_PIO_SIZE = 0x10000;

  /** Root domain of the APLIC, in the PLIC's place; its child's follows. */
  public static final long APLIC_M = 0xc000000;

  public static final long APLIC_S = 0xd000000;

  /** Interrupt files of machine level, a page a hart, and of supervisor level. */
  public static final long IMSIC_M = 0x24000000;

  public static final long IMSIC_S = 0x28000000;
  public static final long PCIE_ECAM = 0x30000000;
  public static final long PCIE_ECAM_SIZE = PciEcam.SIZE;
  public static final long PCIE_MMIO = 0x40000000;
  public static final long PCIE_MMIO_SIZE = 0x40000000;

  /** The 64-bit window, which starts at a multiple of its size behind main RAM. */
  public static final long PCIE_MMIO_HIGH_SIZE = 16L << 30;

  /** Interrupt of the first of four wires; the others follow. */
  public static final int PCIE_IRQ = 32;

  public static final long DRAM = 0x80000000L;

  /** Where the 64-bit PCI window starts on a board with this much main RAM. */
  public static long pcieMmioHigh(long memoryBytes) {
    return DRAM + memoryBytes + PCIE_MMIO_HIGH_SIZE - 1 & -PCIE_MMIO_HIGH_SIZE;
  }

  private VirtMap() {}
}
