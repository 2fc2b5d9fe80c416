package handover.devices.pci;

/** Names of the header's fields (PCI Local Bus 3.0, 6.1), for messages. */
enum ConfigField {
  VENDOR_ID(0x00, "vendor id"),
  DEVICE_ID(0x02, "device id"),
  COMMAND(0x04, "command"),
  STATUS(0x06, "status"),
  REVISION_ID(0x08, "revision id"),
  CLASS_CODE(0x09, "class code"),
  CACHE_LINE_SIZE(0x0c, "cache line size"),
  LATENCY_TIMER(0x0d, "latency timer"),
  HEADER_TYPE(0x0e, "header type"),
  BIST(0x0f, "BIST"),
  BAR_0(0x10, "BAR 0"),
  BAR_1(0x14, "BAR 1"),
  BAR_2(0x18, "BAR 2"),
  BAR_3(0x1c, "BAR 3"),
  BAR_4(0x20, "BAR 4"),
  BAR_5(0x24, "BAR 5"),
  CARDBUS(0x28, "CardBus CIS"),
  SUBSYSTEM_VENDOR(0x2c, "subsystem vendor id"),
  SUBSYSTEM(0x2e, "subsystem id"),
  ROM(0x30, "expansion ROM address"),
  CAPABILITIES(0x34, "capabilities pointer"),
  INTERRUPT_LINE(0x3c, "interrupt line"),
  INTERRUPT_PIN(0x3d, "interrupt pin"),
  MIN_GRANT(0x3e, "min_gnt and max_lat"),
  CAPABILITY(0x40, "capabilities");

  /** Where capabilities start. */
  static final int HEADER_END = 0x40;

  private final int offset;
  private final String label;

  ConfigField(int offset, String label) {
    this.offset = offset;
    this.label = label;
  }

  /** What the byte at {@code offset} belongs to. */
  static String at(int offset) {
    ConfigField found = VENDOR_ID;
    for (ConfigField field : values()) {
      if (field.offset <= offset) {
        found = field;
      }
    }
    return found.label;
  }
}
