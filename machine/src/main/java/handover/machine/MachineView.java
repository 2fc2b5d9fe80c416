package handover.machine;

import handover.devices.pci.Bar;
import handover.devices.pci.PciAddress;
import handover.devices.virtio.DriverProgress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can be looked at in a machine, running or not, without changing it. Safe for any thread. */
public interface MachineView {
  /**
   * Something at guest-physical addresses.
   *
   * @param base its first address
   * @param size in bytes
   * @param kind {@code ram}, {@code rom} or {@code i/o}
   */
  record Region(long base, long size, String name, String kind) {}

  /** A RAM block that moves with the guest; its size is in bytes. */
  record Block(String name, long size) {}

  /**
   * A PCI function.
   *
   * @param place bus, slot and function
   * @param name device driver
   * @param identity configuration space's first 64 bytes
   * @param bars its base address registers
   */
  record Function(PciAddress at, String place, String name, byte[] identity, List<Bar> bars) {}

  /**
   * A virtio device and what a driver has made of it.
   *
   * @param path of the device in the object tree
   * @param name such as {@code virtio-net}
   * @param id number of the kind of device (virtio 1.2, 5)
   * @param offered features
   * @param queues how many it has
   */
  record Virtio(
      String path, String name, int id, long offered, DriverProgress driver, int queues) {}

  /**
   * A hart's registers by QEMU's field names, in the order of its section. The hart stands still
   * meanwhile.
   *
   * @param hart its number, from 0
   * @throws IndexOutOfBoundsException if there is no such hart
   */
  Map<String, String> registers(int hart);

  /** The address map, ascending. */
  List<Region> regions();

  /** RAM blocks in stream order. */
  List<Block> ramBlocks();

  /** Functions on the PCI bus. */
  List<Function> functions();

  /** What the board brought, by QEMU's names: the machine first, then harts, then devices. */
  List<DeviceNode> objects();

  /** Virtio devices, in board order. */
  List<Virtio> virtio();

  /** What was put into memory before the guest's first instruction. */
  List<Region> roms();

  /**
   * Guest RAM at a physical address; empty if any byte of it is none.
   *
   * @param length in bytes, from 0
   */
  Optional<byte[]> memory(long address, int length);

  /**
   * The physical address behind a virtual one, as the hart would load from it now; empty where it
   * would take a fault.
   *
   * @throws IndexOutOfBoundsException if there is no such hart
   */
  Optional<Long> physical(int hart, long virtual);
}
