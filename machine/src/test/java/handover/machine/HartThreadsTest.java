package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.riscv.CpuFeatures;
import handover.riscv.Hart;
import handover.riscv.HartGroup;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HartThreadsTest {
  private static final long RAM = 0x8000_0000L;
  private static final int JUMP_TO_SELF = 0x0000_006f;
  private static final int RDTIME_A0 = 0xc010_2573;

  private final GuestMemory memory = new GuestMemory();
  private final CountDownLatch failure = new CountDownLatch(1);
  private List<Hart> harts = List.of();
  private HartThreads threads;

  @AfterEach
  void end() {
    threads.quit();
  }

  @Test
  void heldHartsStandStillAndRunOnWhenTheLastHoldIsReleased() throws Exception {
    start(JUMP_TO_SELF, () -> 0);
    threads.release();
    awaitProgress();
    threads.hold();
    threads.hold();
    threads.release();
    long there = instructions();
    assertThat(instructions()).as("instructions while one party still holds").isEqualTo(there);
    threads.release();
    awaitProgress();
  }

  @Test
  void hartThatBreaksDownIsReportedAndDoesNotKeepHoldersWaiting() throws Exception {
    start(
        RDTIME_A0,
        () -> {
          throw new IllegalStateException("no time");
        });
    threads.release();
    assertThat(failure.await(20, TimeUnit.SECONDS)).as("the failure was reported").isTrue();
    threads.hold();
    assertThat(instructions()).isEqualTo(instructions());
  }

  private void start(int instruction, LongSupplier mtime) {
    memory.map(RAM, new RamBlock("ram", HostMapping.allocate("ram", 1 << 16)), true);
    memory.storeU32(RAM, instruction);
    HartGroup group = new HartGroup();
    BoardBus nothing = new BoardBus(new handover.devices.MmioBus());
    harts =
        IntStream.range(0, 2)
            .mapToObj(id -> new Hart(id, CpuFeatures.defaults(), memory, nothing, mtime, group))
            .toList();
    harts.forEach(hart -> hart.reset(RAM));
    threads = new HartThreads(harts, failure::countDown);
  }

  private long instructions() {
    return harts.stream().mapToLong(Hart::instructions).sum();
  }

  private void awaitProgress() throws InterruptedException {
    long from = instructions();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (instructions() == from) {
      assertThat(System.nanoTime()).as("harts execute instructions").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
