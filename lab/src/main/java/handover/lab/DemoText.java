package handover.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A demo's report for people: a timeline and a table of devices for every move, and a verdict. */
public final class DemoText {
  private static final int WIDTH = 60;

  private DemoText() {}

  /** Lines of text. */
  public static List<String> of(DemoReport report) {
    List<String> lines = new ArrayList<>();
    report.moves().forEach(move -> describe(move, lines));
    lines.add("");
    lines.addAll(verdict(report));
    report.words().forEach(word -> lines.add("- " + word));
    return lines;
  }

  private static void describe(Move move, List<String> lines) {
    lines.add("");
    lines.add("Move " + move.name());
    lines.add("  " + timeline(move));
    lines.add(
        "  set-up %s, memory %s in %d rounds (%s of %s), guest stopped %s"
            .formatted(
                time(move.setupTime()),
                time(move.totalTime() - move.setupTime() - move.downtime()),
                move.rounds(),
                bytes(move.ramTransferred()),
                bytes(move.ramTotal()),
                time(move.downtime())));
    lines.add(
        "  on the wire: longest silence %s; %d probes sent, %d answered, %d lost, %d twice"
            .formatted(
                time(move.blackout()),
                move.probe().sent(),
                move.probe().received(),
                move.probe().lost(),
                move.probe().duplicated()));
    lines.add(
        "  %d frames followed the guest over the migration channel"
            .formatted(move.detail().whole("carried-frames").orElse(0)));
    lines.add("");
    Waterfall.of(move.detail()).forEach(line -> lines.add("  " + line));
    lines.add("");
    DeviceTable.of(move.detail()).forEach(line -> lines.add("  " + line));
  }

  /** Set-up as {@code s}, memory as {@code =}, stopped as {@code #}: at least one mark each. */
  private static String timeline(Move move) {
    long total = Math.max(1, move.totalTime());
    int setup = marks(move.setupTime(), total);
    int stopped = marks(move.downtime(), total);
    int memory = Math.max(1, WIDTH - setup - stopped);
    return "|%s%s%s| %s"
        .formatted(
            "s".repeat(setup), "=".repeat(memory), "#".repeat(stopped), time(move.totalTime()));
  }

  private static int marks(long part, long total) {
    return Math.clamp(part * WIDTH / total, 1, WIDTH / 2);
  }

  private static List<String> verdict(DemoReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        report.moved()
            ? "The guest moved there and back while it ran."
            : "The guest was not moved; it is where it was.");
    lines.add(
        "  memory on both sides %s; heartbeat %s"
            .formatted(
                report.memoryDigestEqual() ? "equal" : "NOT EQUAL (or not compared)",
                report.uptimeContinuous() ? "without a gap" : "WITH A GAP"));
    report.moves().forEach(move -> losses(move, lines));
    report
        .tcp()
        .ifPresent(
            t ->
                lines.add(
                    "  one TCP connection %s: %d lines echoed, longest round trip %s, %d sent again"
                        .formatted(
                            t.status() == TcpConversation.Status.TALKING ? "survived" : "BROKE",
                            t.linesEchoed(),
                            time(t.longestRoundTripMicros()),
                            t.retransmissions())));
    return lines;
  }

  /** Probes are not sent again, so each lost one is a frame that somebody did not get to. */
  private static void losses(Move move, List<String> lines) {
    Move.Wire probe = move.probe();
    if (probe.lost() > 0) {
      lines.add(
          "  move %s: %d of %d probes LOST (%.0f %%), %s"
              .formatted(
                  move.name(),
                  probe.lost(),
                  probe.sent(),
                  100.0 * probe.lost() / probe.sent(),
                  when(move)));
    }
  }

  private static String when(Move move) {
    String silence = "the longest silence, of " + time(move.blackout()) + ",";
    return move.probe().lost() > 2 * sentWithin(move, move.blackout())
        ? "more than %s explains: guest or host did not keep up while the guest ran"
            .formatted(silence)
        : "no more than %s explains".formatted(silence);
  }

  /** How many probes went out in a part of a move; at least one. */
  private static long sentWithin(Move move, long micros) {
    return 1 + move.probe().sent() * micros / Math.max(1, move.totalTime());
  }

  private static String time(long micros) {
    return micros < 1_000 ? micros + " us" : String.format(Locale.ROOT, "%.1f ms", micros / 1000.0);
  }

  private static String bytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}
