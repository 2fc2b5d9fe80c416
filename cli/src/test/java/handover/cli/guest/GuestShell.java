package handover.cli.guest;

import handover.lab.VmProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shell of a Linux guest, at its serial line, wherever the guest is. */
final class GuestShell {
  private final Supplier<VmProcess> machine;
  private final Duration limit;
  private int marks;

  /**
   * A shell at its prompt.
   *
   * @param machine where the guest is now
   * @param limit the longest that a command may take
   */
  GuestShell(Supplier<VmProcess> machine, Duration limit) {
    this.machine = machine;
    this.limit = limit;
  }

  /** Runs a command line; returns what it printed. */
  String run(String command) throws IOException, InterruptedException {
    VmProcess current = machine.get();
    String mark = "MARK" + ++marks;
    int from = current.console().position();
    current.console().type(command + "; echo " + mark + "=$?\n");
    Pattern end = Pattern.compile("(?s)(.*)\n" + mark + "=(\\d+)");
    Matcher printed =
        current
            .console()
            .await(end, from, limit)
            .orElseThrow(
                () ->
                    new AssertionError(
                        "'%s' did not end; the guest printed: %s"
                            .formatted(command, current.console().since(from))));
    return printed.group(1).replace("\r", "");
  }
}
