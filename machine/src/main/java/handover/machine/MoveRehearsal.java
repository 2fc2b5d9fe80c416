package handover.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Two understudies that hand their guest to and fro, so that all code of a move has run before the
 * first one that matters.
 */
final class MoveRehearsal {
  private MoveRehearsal() {}

  /** Does it until {@code enough}, which is asked before each move. */
  static void run(MachineSpec original, BooleanSupplier enough) {
    try (RehearsalFolder folder = RehearsalFolder.make();
        Understudy one = new Understudy(original, folder.path());
        Understudy two = new Understudy(original, folder.path())) {
      one.begin();
      toAndFro(one, two, folder.path().resolve("move"), enough);
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
      from.drill(to);
      if (!from.moveTo(to, path)) {
        throw new IllegalStateException("an understudy did not arrive");
      }
      Understudy next = from;
      from = to;
      to = next;
    }
  }
}
