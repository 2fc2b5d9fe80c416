package handover.riscv;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One floating-point instruction over and over in a loop of eight, with flags and rounding. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FloatingPointBenchmark {
  private static final int LOOPS = 20_000;
  private static final int UNROLLED = 8;

  /** Which instruction. */
  @Param({"fadd.d", "fmul.d", "fdiv.d", "fmadd.d", "fadd.s", "fcvt.w.d"})
  public String instruction;

  private final TestMachine machine = new TestMachine();

  /** Floating-point instructions, as a rate of their own in the table. */
  @State(Scope.Thread)
  @AuxCounters
  public static class Guest {
    /** Executed in this iteration; in millions. */
    public double millionOperations;
  }

  /** Writes the loop: f3 = op(f1, f2) eight times, count down, then store to the exit device. */
  @Setup
  public void place() {
    int operation = encoding(instruction);
    int[] program = new int[UNROLLED + 5];
    for (int i = 0; i < UNROLLED; i++) {
      program[i] = operation;
    }
    program[UNROLLED] = MachineCode.addi(10, 10, -1);
    program[UNROLLED + 1] = MachineCode.b(1, 10, 0, -4 * (UNROLLED + 1));
    program[UNROLLED + 2] = 0x0010_02b7; // lui t0, 0x100
    program[UNROLLED + 3] = MachineCode.sd(10, 5, 0);
    program[UNROLLED + 4] = MachineCode.jal(0, 0);
    machine.place(TestMachine.RAM + 16, program);
    // Floating point on: mstatus.FS = initial; then two operands that are not round.
    machine.place(
        TestMachine.RAM,
        0x0000_22b7, // lui t0, 2
        MachineCode.csr(MachineCode.CSRRS, 0, 0x300, 5),
        MachineCode.fld(1, 11, 0),
        MachineCode.fld(2, 11, 8));
    machine.memory.storeU64(TestMachine.RAM + 4096, Double.doubleToRawLongBits(1.0 / 3));
    machine.memory.storeU64(TestMachine.RAM + 4104, Double.doubleToRawLongBits(Math.E));
  }

  private static int encoding(String name) {
    return switch (name) {
      case "fadd.d" -> MachineCode.r(0x53, 7, 0x01, 3, 1, 2);
      case "fmul.d" -> MachineCode.r(0x53, 7, 0x09, 3, 1, 2);
      case "fdiv.d" -> MachineCode.r(0x53, 7, 0x0d, 3, 1, 2);
      case "fmadd.d" -> MachineCode.r(0x43, 7, 2 << 2 | 1, 3, 1, 2);
      case "fadd.s" -> MachineCode.r(0x53, 7, 0x00, 3, 1, 2);
      case "fcvt.w.d" -> MachineCode.r(0x53, 7, 0x61, 12, 1, 0);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** The whole loop. */
  @Benchmark
  public long loop(Guest guest) {
    Hart hart = machine.hart();
    hart.reset(TestMachine.RAM);
    hart.setRegister(10, LOOPS);
    hart.setRegister(11, TestMachine.RAM + 4096);
    long result = machine.run();
    guest.millionOperations += (double) LOOPS * UNROLLED / 1e6;
    return result;
  }
}
