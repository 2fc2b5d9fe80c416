package handover.devices.pci;

import handover.devices.InterruptLine;

/** A function with a register file behind each kind of BAR, on a bus of its own or a given one. */
final class TestFunction implements PciDevice {
  static final int PORTS = 0x10;
  static final int LOW = 0x14;
  static final int HIGH = 0x18;
  static final int COMMAND = ConfigLayout.COMMAND;

  /** Remembers the last write, and answers reads with the offset. */
  static final class Registers implements BarRegion {
    long offset = -1;
    long value;
    int stores;

    @Override
    public long load(long at, int bytes) {
      return at;
    }

    @Override
    public void store(long at, int bytes, long written) {
      offset = at;
      value = written;
      stores++;
    }
  }

  final Registers ports = new Registers();
  final Registers low = new Registers();
  final Registers high = new Registers();
  private final PciFunction function;

  TestFunction(PciBus bus, PciAddress address) {
    ConfigLayout layout =
        new ConfigLayout(new ConfigLayout.Identity(0x1234, 0x5678, 1, 0x200, 1, 2))
            .interruptPin(1)
            .bar(new Bar(0, Bar.Space.IO, 0x40, ports))
            .bar(new Bar(1, Bar.Space.MEMORY_32, 0x1000, low))
            .bar(new Bar(2, Bar.Space.MEMORY_64, 0x4000, high))
            .capability(9, 0x40, new byte[] {16, 1, 2, 3}, new byte[] {0, 0, 0, (byte) 0xf0});
    function = new PciFunction(bus, address, layout);
    bus.plug(this);
  }

  static PciBus bus() {
    return new PciBus(
        InterruptLine.NONE, InterruptLine.NONE, InterruptLine.NONE, InterruptLine.NONE);
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public PciFunction function() {
    return function;
  }

  @Override
  public long loadConfig(int offset, int bytes) {
    return function.load(offset, bytes);
  }

  @Override
  public void storeConfig(int offset, int bytes, long value) {
    function.store(offset, bytes, value);
  }
}
