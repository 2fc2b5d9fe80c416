package handover.devices.pci;

import handover.devices.InterruptLine;
import java.util.ArrayList;
import java.util.List;

/**
 * What all PCI functions have in common: configuration space, decoding of BARs, the interrupt pin.
 * Guarded by the lock of the device it belongs to, except {@link #decodings}.
 */
public final class PciFunction {
  private final PciBus bus;
  private final PciAddress address;
  private final ConfigLayout layout;
  private final ConfigSpace config;
  private final IntxPin pin;
  private boolean msix;
  private volatile List<Decoding> decodings = List.of();

  /** A function at {@code address}, still to be {@linkplain PciBus#plug plugged}. */
  public PciFunction(PciBus bus, PciAddress address, ConfigLayout layout) {
    this.bus = bus;
    this.address = address;
    this.layout = layout;
    this.config = new ConfigSpace(layout);
    this.pin = new IntxPin(bus.wire(address));
  }

  /** Where it is. */
  public PciAddress address() {
    return address;
  }

  /** What is fixed of its configuration space. */
  public ConfigLayout layout() {
    return layout;
  }

  /** The pin INTA. */
  public InterruptLine pin() {
    return pin;
  }

  /** Whether it may access memory by itself: the command register's bus master bit. */
  public boolean busMaster() {
    return config.command(ConfigLayout.COMMAND_MASTER);
  }

  /** Reads configuration space. */
  public long load(int offset, int bytes) {
    long value = config.load(offset, bytes);
    int shift = 8 * (ConfigLayout.STATUS - offset);
    boolean covered = offset <= ConfigLayout.STATUS && ConfigLayout.STATUS < offset + bytes;
    return covered && pin.pending() ? value | (long) ConfigLayout.STATUS_INTERRUPT << shift : value;
  }

  /** Writes configuration space; BARs decode where they say from then on. */
  public void store(int offset, int bytes, long value) {
    config.store(offset, bytes, value);
    takeEffect();
  }

  /** MSI-X takes the pin's place, or gives it back. */
  public void replacePin(boolean byMsix) {
    msix = byMsix;
    takeEffect();
  }

  /** Back to power-on. */
  public void reset() {
    config.reset();
    takeEffect();
  }

  /** Copies the state into {@code state}. */
  public void save(PciConfigState state) {
    config.copyTo(state.config());
    state.pin(pin.pending());
  }

  /** Takes the state over; the pin is its device's matter. */
  public void load(PciConfigState state) {
    config.adopt(state.config());
    takeEffect();
  }

  /** The BARs that answer now, from any thread. */
  List<Decoding> decodings() {
    return decodings;
  }

  private void takeEffect() {
    pin.gate(config.command(ConfigLayout.COMMAND_INTX_DISABLE), msix);
    List<Decoding> now = decode();
    if (!now.equals(decodings)) {
      decodings = now;
      bus.remap();
    }
  }

  private List<Decoding> decode() {
    List<Decoding> found = new ArrayList<>();
    for (Bar bar : layout.bars()) {
      long base = bar.address(config);
      int enable = bar.io() ? ConfigLayout.COMMAND_IO : ConfigLayout.COMMAND_MEMORY;
      if (config.command(enable) && bar.enabled(config) && Decoding.possible(base, bar.size())) {
        found.add(new Decoding(bar, base));
      }
    }
    return List.copyOf(found);
  }
}
