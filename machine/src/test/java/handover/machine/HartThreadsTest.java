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
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class HartThreadsTest {
  private static final long RAM = 0x8000_0000L;
  private static final int JUMP_TO_SELF = 0x0000_006f;
  private static final int RDTIME_A0 = 0xc010_2573;
  private static final int CSRSI_MIE_MSIE = 0x3044_6073;
  private static final int WFI = 0x1050_0073;
  private static final int MSIP = 3;

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
    releaseAndAwaitProgress();
    threads.hold();
    threads.hold();
    threads.release();
    long there = instructions();
    assertThat(instructions()).as("instructions while one party still holds").isEqualTo(there);
    releaseAndAwaitProgress();
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

  @RepeatedTest(20)
  void aSleepingHartStaysWhereItIsUntilItIsReleasedWhateverComesMeanwhile() throws Exception {
    start(() -> 0, CSRSI_MIE_MSIE, WFI, JUMP_TO_SELF);
    releaseAndAwaitProgress();
    threads.hold();
    long there = instructions();
    harts.forEach(hart -> hart.setInterrupt(MSIP, true));
    assertThat(instructions()).as("instructions while it is held").isEqualTo(there);
    releaseAndAwaitProgress();
  }

  @RepeatedTest(20)
  void aSleepingHartSeesWhatItWasGivenWhileItWasHeld() throws Exception {
    start(() -> 0, CSRSI_MIE_MSIE, WFI, JUMP_TO_SELF);
    releaseAndAwaitProgress();
    threads.hold();
    harts.forEach(hart -> hart.reset(RAM + 8));
    releaseAndAwaitProgress();
  }

  private void start(int instruction, LongSupplier mtime) {
    start(mtime, instruction);
  }

  private void start(LongSupplier mtime, int... instructions) {
    memory.map(RAM, new RamBlock("ram", HostMapping.allocate("ram", 1 << 16)), true);
    for (int i = 0; i < instructions.length; i++) {
      memory.storeU32(RAM + 4L * i, instructions[i]);
    }
    HartGroup group = new HartGroup();
    BoardBus nothing = new BoardBus(new handover.devices.MmioBus());
    harts =
        IntStream.range(0, 2)
            .mapToObj(id -> new Hart(id, CpuFeatures.defaults(), memory, nothing, mtime, group))
            .toList();
    harts.forEach(hart -> hart.reset(RAM));
    threads = new HartThreads(harts, group, () -> {}, failure::countDown);
  }

  private long instructions() {
    return harts.stream().mapToLong(Hart::instructions).sum();
  }

  private void releaseAndAwaitProgress() throws InterruptedException {
    long from = instructions();
    threads.release();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (instructions() == from) {
      assertThat(System.nanoTime()).as("harts execute instructions").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
