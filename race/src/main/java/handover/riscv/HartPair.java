package handover.riscv;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.util.concurrent.atomic.AtomicLong;

/** Two harts' atomics on one memory. Each is for one thread at a time; slots are handed out. */
final class HartPair {
  private static final long RAM = 0x8000_0000L;
  private static final int BYTES = 32 << 20;
  private static final int ADDRESS = 10;
  private static final int OPERAND = 11;
  private static final int RESULT = 12;

  private static final GuestMemory MEMORY = new GuestMemory();
  private static final CodeCache CODE;
  private static final AtomicLong NEXT = new AtomicLong();

  static {
    MEMORY.map(RAM, new RamBlock("race", HostMapping.allocate("race", BYTES)), true);
    CODE = new CodeCache(MEMORY, CpuFeatures.defaults());
  }

  static final HartPair FIRST = new HartPair();
  static final HartPair SECOND = new HartPair();

  private final Registers registers = new Registers();
  private final Decoder decoder = new Decoder(CpuFeatures.defaults());
  private final AtomicOps atomics;

  private HartPair() {
    registers.reset(RAM);
    PhysicalBus nothing =
        new PhysicalBus() {
          @Override
          public long load(long address, int bytes) throws BusFault {
            throw BusFault.INSTANCE;
          }

          @Override
          public void store(long address, int bytes, long value) throws BusFault {
            throw BusFault.INSTANCE;
          }
        };
    Mmu mmu = new Mmu(registers, MEMORY, nothing, new Pmp(), CODE, new Trap());
    atomics = new AtomicOps(registers, mmu);
  }

  /** The address of a doubleword that is zero and that nobody else uses for a while. */
  static long slot() {
    long address = RAM + (NEXT.getAndIncrement() * 8 & BYTES - 1);
    MEMORY.storeU64(address, 0);
    return address;
  }

  static long value(long slot) {
    return MEMORY.loadU64(slot);
  }

  /** Executes {@code instruction rd=x12, rs2=x11, (x10)} and returns x12. */
  private long execute(int funct5, long slot, long operand) {
    registers.x[ADDRESS] = slot;
    registers.x[OPERAND] = operand;
    int source = funct5 == 2 ? 0 : OPERAND;
    atomics.execute(
        decoder.decode(funct5 << 27 | source << 20 | ADDRESS << 15 | 3 << 12 | RESULT << 7 | 0x2f));
    return registers.x[RESULT];
  }

  long amoadd(long slot, long operand) {
    return execute(0, slot, operand);
  }

  long amomax(long slot, long operand) {
    return execute(20, slot, operand);
  }

  long loadReserved(long slot) {
    return execute(2, slot, 0);
  }

  /** Whether it succeeded. */
  boolean storeConditional(long slot, long value) {
    return execute(3, slot, value) == 0;
  }
}
