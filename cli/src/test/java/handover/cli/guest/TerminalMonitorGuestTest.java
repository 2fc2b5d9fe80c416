package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import handover.lab.VmProcess;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A person at a terminal ({@code script} lends one) gets completion and line editing. */
@Tag("guest")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TerminalMonitorGuestTest {
  private static final String PROMPT = "(handover) ";
  private static final String TAB = "\t";
  private static final String ENTER = "\r";
  private static final String BACKSPACE = "\u007f";

  @Test
  void completesAndEditsLines() throws IOException, InterruptedException {
    Process terminal = start("vm", "-incoming", "defer", "-nodefaults", "-monitor", "stdio");
    try (Writer keys = terminal.outputWriter();
        Reader screen = terminal.inputReader()) {
      awaitText(screen, PROMPT);
      type(keys, "inf" + TAB + "statx" + BACKSPACE + TAB + ENTER);
      awaitText(screen, "VM status: paused (inmigrate)");
      awaitText(screen, PROMPT);
      type(keys, "quit" + ENTER);
      assertThat(terminal.waitFor(60, TimeUnit.SECONDS)).as("the machine ends").isTrue();
    } finally {
      terminal.destroyForcibly();
    }
  }

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(VmProcess.ownLauncher());
    command.addAll(List.of(arguments));
    // Without a terminal around it, the one that script lends has no size.
    String sized = "stty cols 80 rows 25; " + String.join(" ", command);
    ProcessBuilder script = new ProcessBuilder("script", "-qec", sized, "/dev/null");
    script.environment().put("TERM", "xterm");
    return script.redirectErrorStream(true).start();
  }

  private static void type(Writer keys, String text) throws IOException {
    keys.write(text);
    keys.flush();
  }

  /** Reads until the text has come by; the end of the output comes first only if it is missing. */
  private static void awaitText(Reader screen, String text) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (int c = screen.read(); c >= 0; c = screen.read()) {
      seen.append((char) c);
      if (seen.toString().endsWith(text)) {
        return;
      }
    }
    fail("'%s' was expected on the screen, which showed: %s", text, seen);
  }
}
