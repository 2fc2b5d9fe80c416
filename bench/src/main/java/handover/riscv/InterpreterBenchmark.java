package handover.riscv;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Guest instructions a second on one hart: sieve, hash rounds, copying, a list walk and calls, in S
 * mode with Sv39 and 4 KiB pages. The program is {@code riscv/src/test/guest/speed.*}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class InterpreterBenchmark {
  private static final int TURNS_REGISTER = 10;

  private final TestMachine machine = new TestMachine();
  private byte[] program = {};

  /** Loads the program. */
  @Setup
  public void load() throws IOException {
    try (InputStream in = InterpreterBenchmark.class.getResourceAsStream("speed.bin")) {
      program = Objects.requireNonNull(in, "speed.bin beside the classes").readAllBytes();
    }
  }

  /** Guest instructions, as a rate of their own in the table. */
  @State(Scope.Thread)
  @AuxCounters
  public static class Guest {
    /** Executed in this iteration; in millions. */
    public double millionInstructions;
  }

  /** One turn of the program, some nine million instructions. */
  @Benchmark
  public long mixed(Guest guest) {
    machine.place(program);
    Hart hart = machine.hart();
    hart.reset(TestMachine.RAM);
    hart.setRegister(TURNS_REGISTER, 1);
    long before = hart.instructions();
    long result = machine.run();
    guest.millionInstructions += (hart.instructions() - before) / 1e6;
    return result;
  }
}
