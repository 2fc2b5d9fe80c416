package handover.cli;

import handover.monitor.hmp.HumanMonitor;
import java.io.IOException;
import java.util.List;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** The human monitor for a person at a terminal: line editing, history, completion with Tab. */
final class TerminalMonitor {
  private final HumanMonitor monitor;
  private final Terminal terminal;

  TerminalMonitor(HumanMonitor monitor, Terminal terminal) {
    this.monitor = monitor;
    this.terminal = terminal;
  }

  /**
   * Serves standard input until its end; returns false, having read nothing, if it is no terminal.
   */
  static boolean serve(HumanMonitor monitor) {
    // The exec provider asks stty, as the console does, and needs no library of the host's.
    try (Terminal terminal =
        TerminalBuilder.builder().system(true).provider("exec").dumb(true).build()) {
      if (terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
        return false;
      }
      new TerminalMonitor(monitor, terminal).serve();
      return true;
    } catch (IOException | IllegalStateException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Until Ctrl-D; Ctrl-C only abandons the line. */
  void serve() throws InterruptedException {
    LineReader reader =
        LineReaderBuilder.builder().terminal(terminal).completer(this::complete).build();
    print("Handover monitor - type 'help' for the commands\n");
    boolean more = true;
    while (more) {
      more = serveLine(reader);
    }
  }

  private boolean serveLine(LineReader reader) throws InterruptedException {
    try {
      print(monitor.runAndWait(reader.readLine(HumanMonitor.PROMPT)));
      return true;
    } catch (UserInterruptException e) {
      return true;
    } catch (EndOfFileException e) {
      return false;
    }
  }

  private void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    monitor.completions(line.words().subList(0, line.wordIndex())).stream()
        .map(Candidate::new)
        .forEach(candidates::add);
  }

  private void print(String text) {
    terminal.writer().print(text);
    terminal.flush();
  }
}
