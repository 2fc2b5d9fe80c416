package handover.riscv;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Runs an {@link OracleImage} on our own {@link Hart}. */
final class HartUnderTest {
  private static final int POWER_OFF = 0x5555;
  private static final long TIMEOUT_MILLIS = 60_000;

  private HartUnderTest() {}

  /**
   * Runs until the program powers the machine off, a minute at most.
   *
   * @return RAM as the program left it
   */
  static byte[] run(OracleImage image, Acceleration acceleration) throws InterruptedException {
    byte[] ram = image.ram();
    RamBlock block = new RamBlock("ram", HostMapping.allocate("oracle", ram.length));
    MemorySegment.copy(ram, 0, block.segment(), ValueLayout.JAVA_BYTE, 0, ram.length);
    GuestMemory memory = new GuestMemory();
    memory.map(OracleImage.BASE, block, true);
    Board board = new Board();
    Hart hart =
        new Hart(0, CpuFeatures.defaults(), memory, board, () -> 0, new HartGroup(acceleration));
    board.hart = hart;
    hart.reset(OracleImage.BASE);
    Thread thread = Thread.ofPlatform().daemon().name("hart under test").start(hart::run);
    thread.join(TIMEOUT_MILLIS);
    // A program gone astray leaves records that tell where it did.
    hart.requestExit();
    thread.join();
    return block.segment().toArray(ValueLayout.JAVA_BYTE);
  }

  /** The board's test device, and a timer that never expires. */
  private static final class Board implements PhysicalBus {
    private Hart hart;

    @Override
    public long load(long address, int bytes) throws BusFault {
      throw BusFault.INSTANCE;
    }

    @Override
    public void store(long address, int bytes, long value) throws BusFault {
      if (address == OracleImage.TEST_DEVICE && (int) value == POWER_OFF) {
        hart.requestExit();
      } else if (address != OracleImage.MTIMECMP) {
        throw BusFault.INSTANCE;
      }
    }
  }
}
