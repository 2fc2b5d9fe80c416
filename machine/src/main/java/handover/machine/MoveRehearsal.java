package handover.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Two understudies that hand their guest to and fro, so that all code of a move has run before the
 * first one that matters.
 */
final class MoveRehearsal {
  private MoveRehearsal() {}

  /** Does it until {@code enough}, which is asked before each move. */
  static void run(MachineSpec original, BooleanSupplier enough) {
    try {
      Path folder = Files.createTempDirectory("handover-rehearsal");
      try (Understudy one = new Understudy(original, folder);
          Understudy two = new Understudy(original, folder)) {
        one.begin();
        toAndFro(one, two, folder.resolve("move"), enough);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MachineSpecException e) {
      throw new IllegalStateException("an understudy cannot be built: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void toAndFro(Understudy one, Understudy two, Path path, BooleanSupplier enough)
      throws InterruptedException {
    Understudy from = one;
    Understudy to = two;
    while (!enough.getAsBoolean()) {
      if (!from.moveTo(to, path)) {
        throw new IllegalStateException("an understudy did not arrive");
      }
      Understudy next = from;
      from = to;
      to = next;
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
