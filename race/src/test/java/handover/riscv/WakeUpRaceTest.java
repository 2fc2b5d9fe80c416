package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An interrupt that is raised just when a hart falls asleep in WFI wakes it, every time. */
class WakeUpRaceTest {
  private static final int ROUNDS = 20_000;
  private static final int MSIP = 3;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  @Test
  @Timeout(60)
  void noWakeUpIsLost() throws InterruptedException {
    AtomicInteger woken = new AtomicInteger();
    WakingMachine machine = new WakingMachine(woken);
    Thread hart = Thread.ofPlatform().daemon().start(machine.hart::run);
    for (int round = 1; round <= ROUNDS; round++) {
      machine.hart.setInterrupt(MSIP, true);
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (woken.get() < round) {
        assertThat(System.nanoTime()).as("round %d wakes the hart", round).isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
    machine.hart.requestExit();
    hart.join(PATIENCE_NANOS / 1_000_000);
    assertThat(hart.isAlive()).isFalse();
    assertThat(woken).hasValue(ROUNDS);
  }

  /** A hart that waits for MSIP, lets its bus lower the wire and count, and waits again. */
  private static final class WakingMachine implements PhysicalBus {
    private final Hart hart;
    private final AtomicInteger woken;

    WakingMachine(AtomicInteger woken) {
      this.woken = woken;
      TestMachine memory = new TestMachine(1, CpuFeatures.defaults(), 1 << 16);
      memory.place(
          TestMachine.RAM,
          0x0010_02b7, // lui t0, 0x100
          MachineCode.addi(6, 0, 1 << MSIP),
          MachineCode.csrWrite(0x304, 6), // mie
          MachineCode.wfi(),
          MachineCode.sd(0, 5, 0),
          MachineCode.jal(0, -8));
      hart = new Hart(0, CpuFeatures.defaults(), memory.memory, this, () -> 0, new HartGroup());
      hart.reset(TestMachine.RAM);
    }

    @Override
    public long load(long address, int bytes) throws BusFault {
      throw BusFault.INSTANCE;
    }

    @Override
    public void store(long address, int bytes, long value) {
      // Only a wake-up that an interrupt caused counts; WFI may also end for no reason.
      if (hart.interrupt(MSIP)) {
        hart.setInterrupt(MSIP, false);
        woken.incrementAndGet();
      }
    }
  }
}
