package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.riscv.CpuFeatures;
import handover.riscv.Hart;
import handover.riscv.HartGroup;
import handover.riscv.PhysicalBus;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several parties hold and release harts at once; while one holds, nothing moves. */
class HartThreadsRaceTest {
  private static final long RAM = 0x8000_0000L;
  private static final int COUNTER = 5;
  private static final int ROUNDS = 300;
  private static final int MSIP = 3;

  private final GuestMemory memory = new GuestMemory();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final AtomicBoolean over = new AtomicBoolean();

  @Test
  @Timeout(60)
  void heldHartsStandStillAndReleasedOnesGoOn() throws Exception {
    race(
        0x0012_8293, // addi t0, t0, 1
        0xffdf_f06f); // j -4
  }

  /** One hart, then the other, is woken all the time, also while it is held. */
  @Test
  @Timeout(60)
  void soDoHartsThatFallAsleepAndAreWoken() throws Exception {
    race(
        0x3044_6073, // csrsi mie, 8
        0x1050_0073, // wfi
        0x0012_8293, // addi t0, t0, 1
        0xff9f_f06f); // j -8
  }

  private void race(int... program) throws Exception {
    memory.map(RAM, new RamBlock("race", HostMapping.allocate("race", 4096)), true);
    for (int i = 0; i < program.length; i++) {
      memory.storeU32(RAM + 4L * i, program[i]);
    }
    HartGroup group = new HartGroup();
    List<Hart> harts = List.of(hart(0, group), hart(1, group));
    HartThreads threads = new HartThreads(harts, group, () -> {}, () -> broken.set(true));
    threads.release();
    Thread waker = Thread.ofPlatform().daemon().start(() -> wake(harts));
    try (ExecutorService parties = Executors.newFixedThreadPool(3)) {
      Callable<Boolean> party = () -> holdAndRelease(threads, harts);
      List<Future<Boolean>> still =
          parties.invokeAll(List.of(party, party, party), 50, TimeUnit.SECONDS);
      for (Future<Boolean> each : still) {
        assertThat(each.get()).as("held harts stand still").isTrue();
      }
    }
    threads.hold();
    long[] before = counters(harts);
    threads.release();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    boolean moved = false;
    while (!moved && System.nanoTime() < deadline) {
      threads.hold();
      long[] now = counters(harts);
      moved = now[0] > before[0] && now[1] > before[1];
      threads.release();
    }
    over.set(true);
    waker.join();
    threads.quit();
    assertThat(broken).isFalse();
    assertThat(moved).as("released harts go on within 10 s").isTrue();
  }

  private void wake(List<Hart> harts) {
    for (int turn = 0; !over.get(); turn++) {
      harts.get(turn & 1).setInterrupt(MSIP, (turn & 2) == 0);
    }
  }

  private static boolean holdAndRelease(HartThreads threads, List<Hart> harts) {
    boolean still = true;
    for (int round = 0; round < ROUNDS; round++) {
      threads.hold();
      long[] before = counters(harts);
      Thread.onSpinWait();
      long[] after = counters(harts);
      still &= before[0] == after[0] && before[1] == after[1];
      threads.release();
    }
    return still;
  }

  private static long[] counters(List<Hart> harts) {
    return harts.stream().mapToLong(h -> h.register(COUNTER)).toArray();
  }

  private Hart hart(int id, HartGroup group) {
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
    Hart hart = new Hart(id, CpuFeatures.defaults(), memory, nothing, () -> 0, group);
    hart.reset(RAM);
    return hart;
  }
}
