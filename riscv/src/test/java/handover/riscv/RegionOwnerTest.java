package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.b;
import static handover.riscv.MachineCode.jal;
import static handover.riscv.MachineCode.r;
import static handover.riscv.MachineCode.sd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Code for one hart only is entered by no other. */
class RegionOwnerTest {
  private static final int T0 = 5;
  private static final int A0 = 10;
  private static final int A1 = 11;
  private static final int TURNS = 10_000;

  private static TestMachine machine(int harts) {
    TestMachine machine =
        new TestMachine(harts, CpuFeatures.defaults(), 16 << 20, Acceleration.EAGER);
    ByteBuffer bytes = ByteBuffer.allocate(64);
    MachineCode code = new MachineCode(bytes, TestMachine.RAM);
    code.loadImmediate(T0, TURNS).emit(r(0x33, 0, 0, A0, A0, A1)).emit(addi(T0, T0, -1));
    code.emit(b(1, T0, 0, -8)).loadImmediate(T0, (int) TestMachine.EXIT).emit(sd(A0, T0, 0));
    code.emit(jal(0, 0));
    machine.place(bytes.array());
    return machine;
  }

  /** Adds {@code step} to a0 {@link #TURNS} times; returns what the guest stored in the end. */
  private static long run(TestMachine machine, int hart, long step) {
    machine.harts.forEach(Hart::clearExitRequest);
    machine.harts.get(hart).reset(TestMachine.RAM);
    machine.harts.get(hart).setRegister(A1, step);
    machine.harts.get(hart).run();
    return machine.exitValue;
  }

  @Test
  void severalHartsShareCodeAndKeepTheirRegisters() {
    TestMachine machine = machine(3);
    for (int turn = 1; turn <= 3; turn++) {
      for (int hart = 0; hart < 3; hart++) {
        long step = 10L * turn + hart;
        assertThat(run(machine, hart, step)).isEqualTo(TURNS * step);
      }
      for (int hart = 0; hart < 3; hart++) {
        assertThat(machine.harts.get(hart).register(A1)).isEqualTo(10L * turn + hart);
      }
    }
  }

  @Test
  void aHartThatComesTooLateIsRefused() {
    TestMachine machine = machine(1);
    assertThat(run(machine, 0, 7)).isEqualTo(TURNS * 7L);
    assertThatThrownBy(
            () ->
                new Hart(
                    1, CpuFeatures.defaults(), machine.memory, machine, () -> 0, machine.group))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("translated already");
    assertThat(run(machine, 0, 8)).as("goes on").isEqualTo(TURNS * 8L);
  }
}
