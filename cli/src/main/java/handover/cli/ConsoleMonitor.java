package handover.cli;

import handover.devices.ConsoleEscapes;
import handover.monitor.hmp.HumanMonitor;
import java.io.PrintStream;

/** The human monitor behind Ctrl-A c of a console that shares the terminal with the guest. */
final class ConsoleMonitor implements ConsoleEscapes {
  private static final int BACKSPACE = 8;
  private static final int DELETE = 127;
  private static final int LONGEST_LINE = 4096;

  private final PrintStream out;
  private final StringBuilder line = new StringBuilder();
  private volatile HumanMonitor monitor;
  private volatile Runnable quit = () -> {};

  ConsoleMonitor(PrintStream out) {
    this.out = out;
  }

  /** Begins to understand; what is typed before is lost. */
  void serve(HumanMonitor human, Runnable onQuit) {
    monitor = human;
    quit = onQuit;
  }

  @Override
  public void quit() {
    Thread.ofVirtual().start(quit);
  }

  @Override
  public void focus(boolean monitors) {
    line.setLength(0);
    print(monitors ? "\r\n" + HumanMonitor.PROMPT : "\r\n");
  }

  /** Echoes and edits; the terminal itself does neither while it is raw. */
  @Override
  public void monitorInput(int value) {
    if (value == '\r' || value == '\n') {
      print("\r\n" + run(line.toString()) + HumanMonitor.PROMPT);
      line.setLength(0);
    } else if (value == BACKSPACE || value == DELETE) {
      erase();
    } else if (value >= ' ' && line.length() < LONGEST_LINE) {
      line.append((char) value);
      print(Character.toString(value));
    }
  }

  private void erase() {
    if (!line.isEmpty()) {
      line.setLength(line.length() - 1);
      print("\b \b");
    }
  }

  private String run(String typed) {
    HumanMonitor human = monitor;
    return human == null ? "" : human.run(typed).replace("\n", "\r\n");
  }

  private void print(String text) {
    out.print(text);
    out.flush();
  }
}
