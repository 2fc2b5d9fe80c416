package handover.riscv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Prints how many million guest instructions a second the interpreter executes. Not a test: run its
 * {@code main} with the flat image of {@code src/test/guest/speed.*} and a number of turns.
 */
final class Speed {
  private Speed() {}

  /** Arguments: image file, turns of each of five runs. */
  public static void main(String[] arguments) throws IOException {
    byte[] image = Files.readAllBytes(Path.of(arguments[0]));
    TestMachine machine = new TestMachine();
    for (int run = 0; run < 5; run++) {
      machine.place(image);
      machine.hart().reset(TestMachine.RAM);
      machine.hart().setRegister(10, Long.parseLong(arguments[1]));
      long instructions = machine.hart().instructions();
      long began = System.nanoTime();
      long result = machine.run();
      double seconds = (System.nanoTime() - began) / 1e9;
      double millions = (machine.hart().instructions() - instructions) / 1e6;
      System.out.printf(
          "%.0f million in %.2f s: %.0f MIPS, result %x%n",
          millions, seconds, millions / seconds, result);
    }
  }
}
