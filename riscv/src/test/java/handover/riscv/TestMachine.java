package handover.riscv;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Harts on RAM at 0x8000_0000, with one device: a store to 0x10_0000 stops every hart and leaves
 * its value; 0x10_0008 keeps what is written; all else faults.
 */
final class TestMachine implements PhysicalBus {
  static final long RAM = 0x8000_0000L;
  static final long EXIT = 0x10_0000L;
  static final long SCRATCH = 0x10_0008L;

  final GuestMemory memory = new GuestMemory();
  final RamBlock ram;
  final List<Hart> harts = new ArrayList<>();
  final HartGroup group;
  final AtomicLong time = new AtomicLong();
  volatile long exitValue = -1;
  volatile long scratch;

  TestMachine(int hartCount, CpuFeatures features, long ramBytes) {
    this(hartCount, features, ramBytes, Acceleration.INTERPRETER);
  }

  TestMachine(int hartCount, CpuFeatures features, long ramBytes, Acceleration acceleration) {
    this(hartCount, features, HostMapping.allocate("test-ram", ramBytes), acceleration);
  }

  TestMachine(int hartCount, CpuFeatures features, HostMapping mapping, Acceleration acceleration) {
    ram = new RamBlock("ram", mapping);
    memory.map(RAM, ram, true);
    group = new HartGroup(acceleration);
    for (int i = 0; i < hartCount; i++) {
      Hart hart = new Hart(i, features, memory, this, time::get, group);
      hart.reset(RAM);
      harts.add(hart);
    }
  }

  /** One hart with everything, 16 MiB. */
  TestMachine() {
    this(1, CpuFeatures.defaults(), 16 << 20);
  }

  Hart hart() {
    return harts.getFirst();
  }

  /** Places instructions or data, 32 bits each, and returns the address behind them. */
  long place(long address, int... words) {
    for (int i = 0; i < words.length; i++) {
      memory.storeU32(address + 4L * i, words[i]);
    }
    return address + 4L * words.length;
  }

  void place(byte[] image) {
    memory.write(RAM, image, 0, image.length);
  }

  /** Runs hart 0 on this thread until the guest stores to {@link #EXIT}; returns what it stored. */
  long run() {
    exitValue = -1;
    hart().clearExitRequest();
    hart().run();
    return exitValue;
  }

  @Override
  public long load(long address, int bytes) throws BusFault {
    if (address == SCRATCH) {
      return scratch;
    }
    throw BusFault.INSTANCE;
  }

  @Override
  public void store(long address, int bytes, long value) throws BusFault {
    if (address == EXIT) {
      exitValue = value;
      harts.forEach(Hart::requestExit);
    } else if (address == SCRATCH) {
      scratch = value;
    } else {
      throw BusFault.INSTANCE;
    }
  }
}
