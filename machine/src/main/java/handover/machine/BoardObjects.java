package handover.machine;

import handover.devices.Aclint;
import handover.devices.Aplic;
import handover.devices.Flash;
import handover.devices.FwCfg;
import handover.devices.GoldfishRtc;
import handover.devices.Imsic;
import handover.devices.MmioBus;
import handover.devices.Plic;
import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.TestDevice;
import handover.devices.Uart;
import handover.devices.pci.PciEcam;
import handover.devices.virtio.EmptyMmioSlot;
import handover.devices.virtio.VirtioMmio;
import handover.riscv.CpuFeatures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the board itself consists of, by the names that QEMU's object model has for it. */
final class BoardObjects {
  /** The bus of what is on the board. */
  private static final String SYSTEM_BUS = "sysbus";

  /** The PCI root bus. */
  static final String PCI_BUS = "pcie.0";

  private static final String UNATTACHED = "/machine/unattached/";

  private final List<DeviceNode> nodes = new ArrayList<>();
  private final boolean legacyMmio;
  private int numbered;

  private BoardObjects(boolean legacyMmio) {
    this.legacyMmio = legacyMmio;
  }

  /** The machine, its harts, and everything on its bus, ascending by address. */
  static List<DeviceNode> of(BoardShape shape, MmioBus bus, boolean legacyMmio) {
    BoardObjects objects = new BoardObjects(legacyMmio);
    objects.machine(shape);
    objects.harts(shape);
    objects.add("unattached/" + SYSTEM_BUS, "System", "", Map.of());
    bus.mappings().stream()
        .sorted(Comparator.comparingLong(MmioBus.Mapping::base))
        .forEach(objects::add);
    return List.copyOf(objects.nodes);
  }

  /** The bus of a virtio-mmio slot. */
  static String mmioBus(int slot) {
    return "virtio-mmio-bus." + slot;
  }

  private void machine(BoardShape shape) {
    nodes.add(
        node(
            "/machine",
            "virt-machine",
            "",
            Map.of("aia", shape.aia().wireName(), "stream", shape.stream().wireName())));
  }

  private void harts(BoardShape shape) {
    add("soc0", "riscv.hart_array", SYSTEM_BUS, Map.of());
    Map<String, String> features = new LinkedHashMap<>();
    for (String name : CpuFeatures.knownNames()) {
      features.put(name, shape.features().has(name) ? "on" : "off");
    }
    for (int id = 0; id < shape.harts(); id++) {
      add("soc0/harts[" + id + "]", "rv64-riscv-cpu", "", features);
    }
  }

  private void add(MmioBus.Mapping mapping) {
    switch (mapping.device()) {
      case Aclint timers -> {
        numbered("riscv.aclint.swi");
        numbered("riscv.aclint.mtimer");
      }
      case Plic plic -> numbered("riscv.sifive.plic");
      case Aplic domain -> numbered("riscv.aplic");
      case Imsic file -> numbered("riscv.imsic");
      case TestDevice test -> numbered("riscv.sifive.test");
      case VirtioMmio slot -> slot(mapping);
      case EmptyMmioSlot slot -> slot(mapping);
      case PciEcam ecam -> pci();
      case Uart uart -> numbered("serial-mm");
      case GoldfishRtc rtc -> numbered("goldfish_rtc");
      case FwCfg configuration -> add("fw_cfg", "fw_cfg_mem", SYSTEM_BUS, Map.of());
      case Flash flash -> add(flash.name(), "cfi.pflash01", SYSTEM_BUS, Map.of());
      default -> {
        // A window of the PCI root, which is there already.
      }
    }
  }

  private void slot(MmioBus.Mapping mapping) {
    int slot = (int) ((mapping.base() - VirtMap.VIRTIO) / VirtMap.VIRTIO_SIZE);
    String path =
        numbered("virtio-mmio", SYSTEM_BUS, Map.of("force-legacy", legacyMmio ? "on" : "off"));
    nodes.add(node(path + "/" + mmioBus(slot), "virtio-mmio-bus", "", Map.of()));
  }

  private void pci() {
    String path = numbered("gpex-pcihost");
    nodes.add(node(path + "/" + PCI_BUS, "PCIE", "", Map.of()));
    nodes.add(node(path + "/gpex_root", "gpex-root", PCI_BUS, Map.of("addr", "0.0")));
  }

  private String numbered(String type) {
    return numbered(type, SYSTEM_BUS, Map.of());
  }

  private String numbered(String type, String bus, Map<String, String> values) {
    String path = UNATTACHED + "device[" + numbered++ + "]";
    nodes.add(node(path, type, bus, values));
    return path;
  }

  private void add(String name, String type, String bus, Map<String, String> values) {
    nodes.add(node("/machine/" + name, type, bus, values));
  }

  private static DeviceNode node(String path, String type, String bus, Map<String, String> values) {
    List<Property> declared =
        values.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> new Property(e.getKey(), kind(e.getValue()), e.getValue(), false, ""))
            .toList();
    String id = path.substring(path.lastIndexOf('/') + 1);
    return new DeviceNode(
        id, type, path, "", PropertyValues.bind(type, declared, Map.of(), problem -> {}), bus);
  }

  private static Property.Kind kind(String value) {
    return Property.truth(value).isPresent() ? Property.Kind.BOOL : Property.Kind.TEXT;
  }
}
