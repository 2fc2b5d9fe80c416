package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.BOOL;
import static handover.monitor.qmp.QmpType.Builtin.INT;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.devices.pci.Bar;
import handover.machine.MachineView.Function;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Functions on the PCI bus, out of their configuration space (PCI Local Bus 3.0, 6.1). */
final class PciCommands {
  private static final int VENDOR = 0;
  private static final int DEVICE = 2;
  private static final int COMMAND = 4;
  private static final int CLASS = 10;
  private static final int FIRST_BAR = 0x10;
  private static final int SUBSYSTEM_VENDOR = 0x2c;
  private static final int SUBSYSTEM = 0x2e;
  private static final int ROM_BAR = 0x30;
  private static final int INTERRUPT_LINE = 0x3c;
  private static final int INTERRUPT_PIN = 0x3d;
  private static final int UNMAPPED = -1;

  private static final Struct REGION =
      new Struct(
          "PciMemoryRegion",
          List.of(
              Member.required("bar", INT, "Number of the base address register; 6 for the ROM's."),
              Member.required("type", STR, "io or memory."),
              Member.required("address", INT, "Where it decodes; -1 for nowhere."),
              Member.required("size", INT, "Bytes."),
              Member.optional("prefetch", BOOL, "Whether reads have no side effects."),
              Member.optional("mem_type_64", BOOL, "Whether it is 64 bits wide.")));

  private static final Struct DEVICE_INFO =
      new Struct(
          "PciDeviceInfo",
          List.of(
              Member.required("bus", INT, "Bus."),
              Member.required("slot", INT, "Slot."),
              Member.required("function", INT, "Function."),
              Member.required(
                  "class_info",
                  new Struct(
                      "PciDeviceClass",
                      List.of(
                          Member.required("class", INT, "Class code."),
                          Member.optional("desc", STR, "In words."))),
                  "What it is."),
              Member.required(
                  "id",
                  new Struct(
                      "PciDeviceId",
                      List.of(
                          Member.required("vendor", INT, "Vendor."),
                          Member.required("device", INT, "Device."),
                          Member.optional("subsystem-vendor", INT, "Vendor of the card."),
                          Member.optional("subsystem", INT, "Card."))),
                  "Whose it is."),
              Member.optional("irq", INT, "What firmware wrote about its interrupt."),
              Member.required("irq_pin", INT, "Interrupt pin, 1 for INTA; 0 for none."),
              Member.required("qdev_id", STR, "id=; empty without one."),
              Member.required("regions", new ArrayOf(REGION), "What it decodes.")));

  private static final Struct PCI_INFO =
      new Struct(
          "PciInfo",
          List.of(
              Member.required("bus", INT, "Number."),
              Member.required("devices", new ArrayOf(DEVICE_INFO), "Functions on it.")));

  private PciCommands() {}

  static List<Command> of(MonitoredMachine machine) {
    return List.of(
        Command.query(
            "query-pci",
            "Functions on the PCI bus.",
            List.of(),
            new ArrayOf(PCI_INFO),
            a -> Json.of(List.of(root(machine)))));
  }

  private static Json root(MonitoredMachine machine) {
    List<Json> functions =
        machine.view().functions().stream().map(f -> describe(f, id(machine, f))).toList();
    return Json.object().with("bus", 0).with("devices", Json.of(functions)).build();
  }

  private static String id(MonitoredMachine machine, Function function) {
    String address = "%02x.%x".formatted(function.at().slot(), function.at().function());
    return machine.devices().stream()
        .filter(d -> d.path().startsWith("/machine/peripheral/"))
        .filter(d -> d.properties().declared().stream().anyMatch(p -> p.name().equals("addr")))
        .filter(d -> ObjectTree.address(d).equals(address))
        .findFirst()
        .map(d -> d.id())
        .orElse("");
  }

  private static Json describe(Function function, String id) {
    ByteBuffer config = ByteBuffer.wrap(function.identity()).order(ByteOrder.LITTLE_ENDIAN);
    Json.Builder all =
        Json.object()
            .with("bus", 0)
            .with("slot", function.at().slot())
            .with("function", function.at().function())
            .with("class_info", Json.object().with("class", word(config, CLASS)).build())
            .with(
                "id",
                Json.object()
                    .with("vendor", word(config, VENDOR))
                    .with("device", word(config, DEVICE))
                    .with("subsystem-vendor", word(config, SUBSYSTEM_VENDOR))
                    .with("subsystem", word(config, SUBSYSTEM))
                    .build())
            .with("irq_pin", config.get(INTERRUPT_PIN))
            .with("qdev_id", id);
    if (config.get(INTERRUPT_PIN) != 0) {
      all.with("irq", config.get(INTERRUPT_LINE) & 0xff);
    }
    List<Json> regions = function.bars().stream().map(bar -> region(bar, config)).toList();
    return all.with("regions", Json.of(regions)).build();
  }

  private static int word(ByteBuffer config, int offset) {
    return Short.toUnsignedInt(config.getShort(offset));
  }

  private static Json region(Bar bar, ByteBuffer config) {
    boolean ports = bar.space() == Bar.Space.IO;
    Json.Builder region =
        Json.object()
            .with("bar", bar.index())
            .with("type", ports ? "io" : "memory")
            .with("address", address(bar, config))
            .with("size", bar.size());
    if (!ports) {
      boolean wide = bar.space() == Bar.Space.MEMORY_64;
      region.with("prefetch", wide).with("mem_type_64", wide);
    }
    return region.build();
  }

  /** Where it decodes: nowhere while the command register, or a ROM's own switch, is off. */
  private static long address(Bar bar, ByteBuffer config) {
    boolean rom = bar.space() == Bar.Space.ROM;
    int at = rom ? ROM_BAR : FIRST_BAR + 4 * bar.index();
    int enable = bar.space() == Bar.Space.IO ? 1 : 2;
    boolean on = (config.get(COMMAND) & enable) != 0 && (!rom || (config.get(at) & 1) != 0);
    long low = Integer.toUnsignedLong(config.getInt(at)) & -bar.size();
    boolean wide = bar.space() == Bar.Space.MEMORY_64;
    long address = wide ? low | (long) config.getInt(at + 4) << 32 : low;
    return on && address != 0 ? address : UNMAPPED;
  }
}
