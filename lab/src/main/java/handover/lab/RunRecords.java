package handover.lab;

import handover.monitor.json.Json;
import handover.monitor.json.JsonSyntaxException;
import handover.monitor.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Every run as it was told, a line of JSON each, so that an experiment can be interrupted and gone
 * on with.
 */
public final class RunRecords {
  private final Path file;

  /** Kept in {@code file}, which need not exist. */
  public RunRecords(Path file) {
    this.file = file;
  }

  /** Forgets all. */
  public void clear() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Adds one. */
  public void add(DowntimeRun run) throws IOException {
    Configuration c = run.configuration();
    Move.Wire wire = run.move().probe();
    Json line =
        Json.object()
            .with("pairs", c.pairs())
            .with("backend", c.backend().label())
            .with("iterative", c.iterativeLabel())
            .with("warm", c.warm().label())
            .with("run", run.number())
            .with("blackout", run.move().blackout())
            .with("sent", wire.sent())
            .with("received", wire.received())
            .with("lost", wire.lost())
            .with("duplicated", wire.duplicated())
            .with("source", run.move().told())
            .build();
    Files.writeString(
        file, JsonText.of(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /**
   * All there are, in the order they were added.
   *
   * @throws IOException if a line is no run, naming it
   */
  public List<DowntimeRun> read() throws IOException {
    List<DowntimeRun> runs = new ArrayList<>();
    int number = 0;
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      number++;
      try {
        runs.add(run((Json.Obj) JsonText.parse(line)));
      } catch (JsonSyntaxException | RuntimeException e) {
        throw new IOException("%s, line %d is no run: %s".formatted(file, number, e), e);
      }
    }
    return runs;
  }

  private static DowntimeRun run(Json.Obj line) {
    Configuration configuration =
        new Configuration(
            (int) line.whole("pairs").orElseThrow(),
            NetworkBackend.named(line.text("backend").orElseThrow()).orElseThrow(),
            line.text("iterative").orElseThrow().equals("on"),
            Warmth.named(line.text("warm").orElseThrow()).orElseThrow());
    Move.Wire wire =
        new Move.Wire(
            line.whole("sent").orElseThrow(),
            line.whole("received").orElseThrow(),
            line.whole("lost").orElseThrow(),
            line.whole("duplicated").orElseThrow());
    int number = (int) line.whole("run").orElseThrow();
    Json.Obj source = line.object("source").orElseThrow();
    long blackout = line.whole("blackout").orElseThrow();
    return DowntimeRun.of(configuration, number, Move.of("run " + number, source, blackout, wire));
  }
}
