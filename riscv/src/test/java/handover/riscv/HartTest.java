package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.b;
import static handover.riscv.MachineCode.csrRead;
import static handover.riscv.MachineCode.csrWrite;
import static handover.riscv.MachineCode.jal;
import static handover.riscv.MachineCode.jalr;
import static handover.riscv.MachineCode.ld;
import static handover.riscv.MachineCode.r;
import static handover.riscv.MachineCode.sd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small programs on whole harts. */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HartTest {
  private static final int RA = 1;
  private static final int SP = 2;
  private static final int T0 = 5;
  private static final int T1 = 6;
  private static final int A0 = 10;
  private static final int A1 = 11;
  private static final int LR_D = 3 << 12 | 2 << 27 | 0x2f;
  private static final int SC_D = 3 << 12 | 3 << 27 | 0x2f;
  private static final int AMOADD_D = 3 << 12 | 0x2f;

  private final TestMachine machine = machine(1);

  /** How the programs are executed. */
  Acceleration acceleration() {
    return Acceleration.INTERPRETER;
  }

  private TestMachine machine(int harts) {
    return new TestMachine(harts, CpuFeatures.defaults(), 16 << 20, acceleration());
  }

  private static void program(TestMachine machine, Consumer<MachineCode> writer) {
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    writer.accept(new MachineCode(bytes, TestMachine.RAM));
    machine.place(java.util.Arrays.copyOf(bytes.array(), bytes.position()));
  }

  /** Stores a0 where the machine takes it for the result. */
  private static void exit(MachineCode code) {
    code.loadImmediate(T0, (int) TestMachine.EXIT).emit(sd(A0, T0, 0)).emit(jal(0, 0));
  }

  private static void await(String what, BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      assertThat(Thread.currentThread().isInterrupted()).as("waiting until " + what).isFalse();
      Thread.onSpinWait();
    }
  }

  @Test
  void runsAndStoresToADevice() {
    program(
        machine,
        code -> {
          code.emit(addi(A0, 0, 7)).emit(addi(A0, A0, 49));
          exit(code);
        });
    assertThat(machine.run()).isEqualTo(56);
  }

  /** The sum of 1 to 1000, by a function that calls itself: more than one slice. */
  @Test
  void aFunctionThatCallsItself() {
    program(
        machine,
        code -> {
          code.loadAddress(SP, TestMachine.RAM + (1 << 20)).emit(addi(A0, 0, 1000));
          code.emit(jal(RA, 8)).emit(jal(0, 48));
          code.emit(b(0, A0, 0, 40))
              .emit(addi(SP, SP, -16))
              .emit(sd(RA, SP, 0))
              .emit(sd(A0, SP, 8));
          code.emit(addi(A0, A0, -1)).emit(jal(RA, -20)).emit(ld(A1, SP, 8)).emit(ld(RA, SP, 0));
          code.emit(addi(SP, SP, 16)).emit(r(0x33, 0, 0, A0, A0, A1)).emit(jalr(0, RA, 0));
          exit(code);
        });
    assertThat(machine.run()).isEqualTo(500_500);
  }

  /** What a loop wrote before and behind an access is known to the handler when that traps. */
  @Test
  void aLoopThatTrapsInItsSecondTurn() {
    program(
        machine,
        code -> {
          code.loadAddress(T0, TestMachine.RAM + 64).emit(csrWrite(Csrs.MTVEC, T0));
          code.loadAddress(T1, TestMachine.RAM).emit(addi(A1, 0, 1));
          code.emit(addi(A0, A0, 3)).emit(addi(A1, A1, 5)).emit(ld(T0, T1, 0));
          code.emit(addi(A0, A0, 100)).emit(r(0x33, 0, 0, T1, T1, T1)).emit(b(0, 0, 0, -20));
          while (code.here() < TestMachine.RAM + 64) {
            code.emit(0x0001);
          }
          code.emit(r(0x33, 0, 0, A0, A0, A1));
          exit(code);
        });
    assertThat(machine.run()).isEqualTo(106 + 11);
  }

  @Test
  void anInstructionThatDoesNotExistTrapsWithItsBits() {
    program(
        machine,
        code -> {
          code.loadAddress(T0, TestMachine.RAM + 32).emit(csrWrite(Csrs.MTVEC, T0));
          code.emit(0xffff_ffff).emit(0).emit(0).emit(0);
          while (code.here() < TestMachine.RAM + 32) {
            code.emit(0x0001);
          }
          code.emit(csrRead(A0, Csrs.MTVAL));
          exit(code);
        });
    assertThat(machine.run()).isEqualTo(0xffff_ffffL);
  }

  @Test
  void anInstructionAcrossTwoPagesExecutes() {
    long at = TestMachine.RAM + 4094;
    program(machine, code -> code.emit(jal(0, 4094)));
    machine.memory.storeU16(at, addi(A0, 0, 99) & 0xffff);
    machine.memory.storeU16(at + 2, addi(A0, 0, 99) >>> 16);
    machine.place(at + 4, 0x001002b7, sd(A0, T0, 0), jal(0, 0));
    assertThat(machine.run()).isEqualTo(99);
  }

  @Test
  void changedCodeIsSeenAfterFenceI() {
    int patched = addi(A0, 0, 2);
    program(
        machine,
        code -> {
          // First pass: a0 = 1; patch; fence.i; second pass: a0 = 2; done when a0 is 2.
          long start = code.here();
          code.emit(addi(A0, 0, 1)).emit(addi(T1, 0, 2));
          code.emit(MachineCode.b(0, A0, T1, 4 * 8));
          code.loadImmediate(A1, patched).loadAddress(T0, start);
          code.emit(MachineCode.s(0x23, 2, T0, A1, 0)).emit(MachineCode.fenceI());
          code.emit(jal(0, (int) (start - code.here())));
          exit(code);
        });
    assertThat(machine.run()).isEqualTo(2);
  }

  @Test
  void changedCodeOnTheNextPageIsSeenByCodeThatRunsIntoIt() {
    long second = TestMachine.RAM + 4096;
    program(machine, code -> code.emit(addi(A0, 0, 1)).emit(jal(0, 4092)));
    // On the next page: done when a1 is set; otherwise patch, set a1, fence.i, and once more.
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    MachineCode code = new MachineCode(bytes, second);
    code.emit(addi(A0, A0, 10)).emit(MachineCode.b(1, A1, 0, 4 * 8));
    code.loadImmediate(A1, addi(A0, A0, 20)).loadAddress(T0, second);
    code.emit(MachineCode.s(0x23, 2, T0, A1, 0)).emit(MachineCode.fenceI());
    code.emit(jal(0, (int) (TestMachine.RAM - code.here())));
    exit(code);
    machine.memory.write(second, bytes.array(), 0, bytes.position());
    assertThat(machine.run()).isEqualTo(21);
  }

  @Test
  void codeThatADeviceWroteIsSeenAfterFenceI() {
    program(
        machine,
        code -> {
          code.emit(addi(A0, 0, 1)).emit(MachineCode.fenceI());
          exit(code);
        });
    assertThat(machine.run()).isEqualTo(1);
    machine.memory.storeU32(TestMachine.RAM, addi(A0, 0, 5));
    machine.hart().reset(TestMachine.RAM);
    assertThat(machine.run()).isEqualTo(5);
  }

  @Test
  void countsWhatItRetires() {
    program(
        machine,
        code -> {
          code.emit(csrRead(A1, 0xb02)).emit(addi(T1, 0, 0)).emit(addi(T1, 0, 0));
          code.emit(csrRead(A0, 0xb02)).emit(MachineCode.r(0x33, 0, 0x20, A0, A0, A1));
          exit(code);
        });
    assertThat(machine.run()).isEqualTo(3);
  }

  @Test
  void waitsForInterruptsAsleepAndWakes() throws InterruptedException {
    program(
        machine,
        code -> {
          code.emit(addi(T0, 0, 8)).emit(csrWrite(Csrs.MIE, T0)).emit(MachineCode.wfi());
          code.emit(csrRead(A0, Csrs.MIP));
          exit(code);
        });
    Hart hart = machine.hart();
    Thread thread = Thread.ofPlatform().daemon().start(hart::run);
    await("the hart sleeps", () -> thread.getState() == Thread.State.WAITING);
    hart.setInterrupt(7, true);
    hart.setInterrupt(3, true);
    thread.join();
    assertThat(machine.exitValue).isEqualTo(1 << 3 | 1 << 7);
    assertThat(hart.interrupt(3)).isTrue();
  }

  @Test
  void asleepItStillExitsAndGoesBackToSleep() throws InterruptedException {
    program(
        machine,
        code -> code.emit(addi(T0, 0, 8)).emit(csrWrite(Csrs.MIE, T0)).emit(MachineCode.wfi()));
    Hart hart = machine.hart();
    for (int i = 0; i < 50; i++) {
      Thread thread = Thread.ofPlatform().daemon().start(hart::run);
      if (i % 2 == 0) {
        await("the hart sleeps", () -> thread.getState() == Thread.State.WAITING);
      }
      hart.requestExit();
      thread.join();
      hart.clearExitRequest();
    }
    hart.requestExit();
    hart.run();
    assertThat(hart.common().snapshot().halted).isEqualTo(1);
    assertThat(hart.pc()).isEqualTo(TestMachine.RAM + 12);
  }

  @Test
  void aPendingInterruptIsTakenRightBehindTheWriteThatAllowsIt() {
    long supervisor = TestMachine.RAM + 0x400;
    long handler = TestMachine.RAM + 0x800;
    program(
        machine,
        code -> {
          // Everything is permitted; the software interrupt is delegated, enabled and pending.
          code.emit(addi(T0, 0, -1)).emit(csrWrite(0x3b0, T0));
          code.emit(addi(T0, 0, 0x1f)).emit(csrWrite(0x3a0, T0));
          code.emit(addi(T0, 0, 2)).emit(csrWrite(0x303, T0));
          code.emit(csrWrite(Csrs.MIE, T0)).emit(csrWrite(Csrs.MIP, T0));
          code.loadAddress(T0, handler).emit(csrWrite(0x105, T0));
          code.loadImmediate(T0, 1 << 11).emit(csrWrite(0x300, T0));
          code.loadAddress(T0, supervisor).emit(csrWrite(0x341, T0)).emit(MachineCode.mret());
        });
    int allow = MachineCode.csr(6, 0, 0x100, 2);
    machine.place(supervisor, addi(A1, 0, 1), allow, addi(A1, 0, 2), addi(A1, 0, 3), jal(0, 0));
    ByteBuffer bytes = ByteBuffer.allocate(64);
    MachineCode code = new MachineCode(bytes, handler);
    code.emit(csrRead(A0, 0x141));
    exit(code);
    machine.memory.write(handler, bytes.array(), 0, bytes.position());
    assertThat(machine.run()).isEqualTo(supervisor + 8);
    assertThat(machine.hart().register(A1)).isEqualTo(1);
  }

  @Test
  void refusesWiresThatDoNotExist() {
    assertThatThrownBy(() -> machine.hart().setInterrupt(5, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bit 5");
  }

  @Test
  void twoHartsCountTogetherWithAtomicAddition() throws InterruptedException {
    assertThat(together(code -> code.emit(AMOADD_D | T1 << 20 | A1 << 15))).isEqualTo(200_000);
  }

  @Test
  void twoHartsCountTogetherWithLoadReserved() throws InterruptedException {
    assertThat(
            together(
                code -> {
                  code.emit(LR_D | A1 << 15 | A0 << 7).emit(addi(A0, A0, 1));
                  code.emit(SC_D | A0 << 20 | A1 << 15 | A0 << 7);
                  code.emit(MachineCode.b(1, A0, 0, -12));
                }))
        .isEqualTo(200_000);
  }

  /** Two harts, each executing {@code step} 100,000 times; what the shared counter says then. */
  private long together(Consumer<MachineCode> step) throws InterruptedException {
    TestMachine pair = machine(2);
    long counter = TestMachine.RAM + 0x8000;
    program(
        pair,
        code -> {
          code.loadAddress(A1, counter).emit(addi(T1, 0, 1)).loadImmediate(7, 100_000);
          long loop = code.here();
          step.accept(code);
          code.emit(addi(7, 7, -1)).emit(MachineCode.b(1, 7, 0, (int) (loop - code.here())));
          // Who comes second finds 1 and ends both.
          code.emit(AMOADD_D | T1 << 20 | 8 << 15 | A0 << 7);
          code.emit(MachineCode.b(1, A0, 0, 8)).emit(jal(0, 0));
          code.emit(ld(A0, A1, 0));
          exit(code);
        });
    Thread[] threads = new Thread[2];
    for (int i = 0; i < 2; i++) {
      Hart hart = pair.harts.get(i);
      hart.setRegister(8, counter + 64);
      threads[i] = Thread.ofPlatform().daemon().start(hart::run);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return pair.exitValue;
  }
}
