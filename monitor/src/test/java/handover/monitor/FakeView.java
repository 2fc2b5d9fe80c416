package handover.monitor;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.pci.Bar;
import handover.devices.pci.PciAddress;
import handover.devices.virtio.DriverProgress;
import handover.machine.DeviceNode;
import handover.machine.MachineView;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** 4 KiB of memory at 0x80000000, of which every byte is its offset; seen at 0 as well. */
final class FakeView implements MachineView {
  private static final long BASE = 0x8000_0000L;

  @Override
  public Map<String, String> registers(int hart) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("env.gpr", Arrays.toString(new long[32]));
    all.put("env.fpr", Arrays.toString(new long[32]));
    all.put("env.pc", Long.toUnsignedString(BASE + hart));
    return all;
  }

  @Override
  public List<Region> regions() {
    return List.of(new Region(0x1000, 0x1000, "rom", "rom"), new Region(BASE, 4096, "main", "ram"));
  }

  @Override
  public List<Block> ramBlocks() {
    return List.of(new Block("main", 4096));
  }

  @Override
  public List<Function> functions() {
    byte[] identity = new byte[64];
    identity[0] = (byte) 0xf4;
    identity[1] = 0x1a;
    identity[3] = 0x10;
    identity[11] = 2;
    identity[0x20] = 4;
    identity[0x23] = 0x40;
    identity[0x24] = 1;
    identity[61] = 1;
    identity[4] = 3;
    return List.of(
        new Function(
            new PciAddress(1, 0),
            "bus 0, device 1, function 0",
            "virtio-net-pci",
            identity,
            List.of(new Bar(4, Bar.Space.MEMORY_64, 0x4000, null))));
  }

  @Override
  public List<DeviceNode> objects() {
    return List.of(
        object("/machine", "virt-machine", "", List.of(text("aia", "none"))),
        object("/machine/unattached/sysbus", "System", "", List.of()),
        object("/machine/unattached/device[0]", "virtio-mmio", "sysbus", List.of()),
        object(
            "/machine/unattached/device[0]/virtio-mmio-bus.7", "virtio-mmio-bus", "", List.of()));
  }

  private static Property text(String name, String value) {
    return new Property(name, Property.Kind.TEXT, value, false, "");
  }

  private static DeviceNode object(String path, String type, String bus, List<Property> own) {
    PropertyValues values = PropertyValues.bind(type, own, Map.of(), problem -> {});
    return new DeviceNode(path.replaceAll(".*/", ""), type, path, "", values, bus);
  }

  @Override
  public List<Virtio> virtio() {
    return List.of(
        new Virtio(
            "/machine/peripheral/net0",
            "virtio-net",
            1,
            1L << 15 | 1L << 32,
            new DriverProgress(7, 1L << 15),
            3));
  }

  @Override
  public List<Region> roms() {
    return List.of(new Region(BASE, 16, "-kernel Image", "ram"));
  }

  @Override
  public Optional<byte[]> memory(long address, int length) {
    if (address < BASE || address + length > BASE + 4096) {
      return Optional.empty();
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (address - BASE + i);
    }
    return Optional.of(bytes);
  }

  @Override
  public Optional<Long> physical(int hart, long virtual) {
    return virtual < 4096 ? Optional.of(BASE + virtual) : Optional.empty();
  }
}
