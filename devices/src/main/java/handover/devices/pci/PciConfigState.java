package handover.devices.pci;

import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireType;
import handover.vmstate.WireWriter;

/** Saved state that every PCI function has: configuration space and interrupt pins. */
public final class PciConfigState {
  /** QEMU's "PCIDevice" structure. */
  public static final StateDeclaration<PciConfigState> DECLARATION =
      StateDeclaration.<PciConfigState>of("PCIDevice", 2)
          .scalar("version_id", WireType.I32_AT_MOST, s -> 2, (s, v) -> s.requireSize(v))
          .bytes("config[0]", PciConfigState::config)
          .array("irq_state", WireType.U32, 4, (s, i) -> s.pins[i], PciConfigState::pin)
          .build();

  private final ConfigLayout layout;
  private final byte[] config;
  private final int[] pins = new int[4];

  /** The state at power-on. */
  public PciConfigState(ConfigLayout layout) {
    this.layout = layout;
    this.config = layout.initial.clone();
  }

  /** Configuration space, without the interrupt bit of its status register. */
  public byte[] config() {
    return config;
  }

  /** Whether the function may access memory: the command register's bus master bit. */
  public boolean busMaster() {
    return (config[ConfigLayout.COMMAND] & ConfigLayout.COMMAND_MASTER) != 0;
  }

  /** Says how the interrupt pin is driven. */
  void pin(boolean asserted) {
    pins[0] = asserted ? 1 : 0;
  }

  /** Writes QEMU's structure. */
  public void save(WireWriter out) {
    DECLARATION.save(this, out, QemuRelease.usual());
  }

  /** Reads QEMU's structure. */
  public void load(WireReader in) {
    DECLARATION.load(this, in, DECLARATION.version());
  }

  /**
   * Refuses another function's configuration space.
   *
   * @throws StreamException if a bit differs that no guest can change
   */
  public void check(String section) {
    for (int i = 0; i < config.length; i++) {
      int fixed = ~(layout.writable[i] | layout.clearable[i]) & fixedMask(i);
      if (((config[i] ^ layout.initial[i]) & fixed & 0xff) != 0) {
        throw new StreamException(
            "%s: configuration space byte 0x%02x (%s): expected 0x%02x, found 0x%02x; start both sides with the same device and properties"
                .formatted(
                    section, i, ConfigField.at(i), layout.initial[i] & 0xff, config[i] & 0xff));
      }
    }
  }

  /** The interrupt bit mirrors a pin; bytes that nothing here defines are a guest's scratch. */
  private int fixedMask(int offset) {
    if (offset == ConfigLayout.STATUS) {
      return ~ConfigLayout.STATUS_INTERRUPT;
    }
    return offset >= ConfigField.HEADER_END && layout.initial[offset] == 0 ? 0 : -1;
  }

  private void requireSize(long version) {
    if (version < 1 || version > 2) {
      throw new StreamException("PCIDevice: version_id: expected 1 or 2, found " + version);
    }
  }

  private void pin(int index, long value) {
    if (value > 1) {
      throw new StreamException(
          "PCIDevice: irq_state[%d]: expected 0 or 1, found %d".formatted(index, value));
    }
    pins[index] = (int) value;
  }
}
