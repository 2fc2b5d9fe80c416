package handover.riscv;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;

/** The parts of a hart, wired as a hart wires them, for tests that look inside. */
final class Parts implements PhysicalBus {
  static final long RAM = 0x8000_0000L;
  static final int RAM_BYTES = 1 << 22;
  static final long ROM = 0x1000;

  static final long BROKEN_DEVICE = 0x1000_0ff0L;

  final CpuFeatures features;
  final GuestMemory memory = new GuestMemory();
  final RamBlock ram = new RamBlock("ram", HostMapping.allocate("parts-ram", RAM_BYTES));
  final RamBlock rom = new RamBlock("rom", HostMapping.allocate("parts-rom", 4096));
  final Registers registers = new Registers();
  final InterruptLines lines = new InterruptLines();
  final Counters counters = new Counters();
  final Pmp pmp = new Pmp();
  final Trap trap = new Trap();
  final Mmu mmu;
  final CsrFile csrs;
  final TrapUnit traps;
  final HartStateCodec codec;
  long deviceAddress;
  long deviceValue;

  Parts() {
    this(CpuFeatures.defaults());
  }

  Parts(CpuFeatures features) {
    this.features = features;
    memory.map(RAM, ram, true);
    memory.map(ROM, rom, false);
    CodeCache code = new CodeCache(memory, features);
    mmu = new Mmu(registers, memory, this, pmp, code, trap);
    csrs = new CsrFile(0, features, registers, lines, mmu, pmp, counters, () -> 1234);
    traps = new TrapUnit(registers, csrs, mmu);
    codec = new HartStateCodec(0, features, registers, lines, pmp, counters);
    registers.reset(RAM);
    mmu.contextChanged();
  }

  /** Lets S and U mode reach everything. */
  Parts openPmp() {
    pmp.writeAddress(0, -1);
    pmp.writePackedConfig(0, 0x1f);
    mmu.flushAll();
    return this;
  }

  Parts privilege(int mode) {
    registers.privilege = mode;
    mmu.contextChanged();
    return this;
  }

  /** Device registers lie from 0x1000_0000 to 0x1000_0fff. */
  @Override
  public long load(long address, int bytes) throws BusFault {
    check(address);
    return deviceValue;
  }

  @Override
  public void store(long address, int bytes, long value) throws BusFault {
    check(address);
    deviceValue = value;
  }

  private void check(long address) throws BusFault {
    if (address == BROKEN_DEVICE) {
      throw new IllegalStateException("a device with a bug");
    }
    if (address >>> 12 != 0x1_0000) {
      throw BusFault.INSTANCE;
    }
    deviceAddress = address;
  }
}
