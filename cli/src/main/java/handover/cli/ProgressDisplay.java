package handover.cli;

import handover.monitor.client.MigrationProgress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.function.Consumer;

/** Shows a migration's progress: one line redrawn on a terminal, else a line now and then. */
final class ProgressDisplay implements Consumer<MigrationProgress> {
  private static final int WIDTH = 30;
  private static final long LINE_EVERY_MS = 1000;

  private final PrintWriter out;
  private final boolean terminal;
  private final boolean silent;
  private String lastStatus = "";
  private long lastLine;
  private boolean drawn;

  ProgressDisplay(PrintWriter out, boolean terminal, boolean silent) {
    this.out = out;
    this.terminal = terminal;
    this.silent = silent;
  }

  /** On a terminal if there is one. */
  static ProgressDisplay on(PrintWriter out, boolean silent) {
    // Null without a terminal, unless the module jdk.internal.le happens to be resolved.
    Console console = System.console();
    return new ProgressDisplay(out, console != null && console.isTerminal(), silent);
  }

  @Override
  public void accept(MigrationProgress progress) {
    if (silent) {
      return;
    }
    if (terminal) {
      out.print("\r\033[K" + bar(progress));
      drawn = true;
    } else if (!progress.status().equals(lastStatus)
        || progress.elapsed() - lastLine >= LINE_EVERY_MS) {
      lastLine = progress.elapsed();
      lastStatus = progress.status();
      out.println(progress.status() + ": " + figures(progress));
    }
    out.flush();
  }

  /** Leaves the line that was drawn. */
  void finish() {
    if (drawn) {
      out.println();
      out.flush();
    }
  }

  private static String bar(MigrationProgress p) {
    long done = p.total() > 0 ? Math.clamp(p.total() - p.remaining(), 0, p.total()) : 0;
    int filled = p.total() > 0 ? (int) (WIDTH * done / p.total()) : 0;
    return "[%s%s] %s".formatted("#".repeat(filled), ".".repeat(WIDTH - filled), figures(p));
  }

  private static String figures(MigrationProgress p) {
    if (p.total() == 0) {
      return "preparing";
    }
    if (p.ended()) {
      return "%s sent in %d rounds".formatted(Quantities.bytes(p.transferred()), p.rounds());
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "%s sent, %s of %s left, %s/s, round %d"
            .formatted(
                Quantities.bytes(p.transferred()),
                Quantities.bytes(p.remaining()),
                Quantities.bytes(p.total()),
                Quantities.bytes(p.bytesPerSecond()),
                p.rounds()));
    p.timeLeft().ifPresent(ms -> text.append(", about ").append(Quantities.millis(ms)));
    p.expectedDowntime().ifPresent(ms -> text.append(", downtime ~").append(ms).append(" ms"));
    return text.toString();
  }
}
