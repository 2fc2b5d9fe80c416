package handover.riscv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Prints how many million guest instructions a second a hart executes. Not a test: run its {@code
 * main} with the flat image of {@code src/test/guest/speed.*} and a number of turns.
 */
final class Speed {
  private static final int RUNS = 25;

  private Speed() {}

  /**
   * Arguments: image file, turns of each run, anything more to interpret only; the best of many
   * counts on a busy machine.
   */
  public static void main(String[] arguments) throws IOException {
    byte[] image = Files.readAllBytes(Path.of(arguments[0]));
    Acceleration acceleration =
        arguments.length > 2 ? Acceleration.INTERPRETER : Acceleration.TRANSLATOR;
    TestMachine machine = new TestMachine(1, CpuFeatures.defaults(), 16 << 20, acceleration);
    double best = 0;
    for (int run = 0; run < RUNS; run++) {
      machine.place(image);
      machine.hart().reset(TestMachine.RAM);
      machine.hart().setRegister(10, Long.parseLong(arguments[1]));
      long instructions = machine.hart().instructions();
      long began = System.nanoTime();
      machine.run();
      double seconds = (System.nanoTime() - began) / 1e9;
      double speed = (machine.hart().instructions() - instructions) / seconds / 1e6;
      best = Math.max(best, speed);
      System.out.printf("%.0f ", speed);
    }
    System.out.printf("best %.0f MIPS%n", best);
  }
}
