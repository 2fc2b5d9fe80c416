package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Small programs on a whole hart. */
class HartTest {
  @Test
  void runsAndStoresToADevice() {
    TestMachine machine = new TestMachine();
    // li t0, 0x100000; li a0, 7; slli a0, a0, 3; sd a0, 0(t0)
    machine.place(TestMachine.RAM, 0x001002b7, 0x00700513, 0x00351513, 0x00a2b023, 0x0000006f);
    assertThat(machine.run()).isEqualTo(56);
  }

  @Test
  void anInstructionThatDoesNotExistTrapsWithItsBits() {
    TestMachine machine = new TestMachine();
    machine.place(
        TestMachine.RAM,
        0x80000297, // auipc t0, 0x80000: 0
        0x00000297, // auipc t0, 0
        0x01c28293, // addi t0, t0, 28
        0x30529073, // csrw mtvec, t0
        0xffffffff,
        0,
        0,
        0,
        0x34302573, // csrr a0, mtval
        0x001002b7, // lui t0, 0x100
        0x00a2b023, // sd a0, 0(t0)
        0x0000006f);
    assertThat(machine.run()).isEqualTo(0xffff_ffffL);
  }
}
