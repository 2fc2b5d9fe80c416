package handover.lab.report;

import handover.lab.DowntimeCell;
import handover.lab.DowntimeResult;
import handover.lab.DowntimeRun;
import handover.lab.DowntimeRun.Measure;
import handover.lab.Move;
import handover.lab.Phase;
import handover.lab.RunRecords;
import handover.monitor.json.Json;
import handover.monitor.json.JsonText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * A folder with {@code runs.csv}, {@code summary.json}, {@code histograms.hlog} and {@code
 * report.html}.
 */
public final class ReportFolder {
  private final Path folder;

  private ReportFolder(Path folder) {
    this.folder = folder;
  }

  /** Makes sure the folder exists. */
  public static ReportFolder at(Path folder) throws IOException {
    return new ReportFolder(Files.createDirectories(folder));
  }

  /** Writes all files, over older ones. */
  public void write(DowntimeResult result) throws IOException {
    Files.write(folder.resolve("runs.csv"), rows(result));
    Json summary = Json.of(result.cells().stream().map(DowntimeCell::json).toList());
    Files.writeString(folder.resolve("summary.json"), JsonText.pretty(summary) + "\n");
    Files.writeString(page(), HtmlReport.of(result));
    writeHistograms(result);
  }

  /** In HdrHistogram's log format, which its tools read; a tag names configuration and measure. */
  private void writeHistograms(DowntimeResult result) throws IOException {
    try (PrintStream out =
        new PrintStream(folder.resolve("histograms.hlog").toFile(), StandardCharsets.UTF_8)) {
      HistogramLogWriter log = new HistogramLogWriter(out);
      log.outputLogFormatVersion();
      log.outputComment("microseconds, every move of a configuration");
      for (DowntimeCell cell : result.cells()) {
        for (Measure measure : Measure.values()) {
          Histogram histogram = cell.histogram(measure);
          log.outputIntervalHistogram(0, 1, histogram, 1);
        }
      }
    }
  }

  /** Every run as it was told, to go on from. */
  public RunRecords records() {
    return new RunRecords(folder.resolve("runs.jsonl"));
  }

  /** Where the report for people is. */
  public Path page() {
    return folder.resolve("report.html");
  }

  private static List<String> rows(DowntimeResult result) {
    List<String> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("pairs", "backend", "iterative", "warm", "run"));
    for (Measure measure : Measure.values()) {
      head.add(measure.member());
    }
    for (Phase phase : Phase.values()) {
      head.add(phase.member() + "Us");
    }
    head.addAll(List.of("earlyBytes", "finalBytes", "totalUs", "setupUs", "rounds"));
    head.addAll(List.of("ramBytes", "sent", "received", "lost", "duplicated"));
    rows.add(String.join(",", head));
    for (DowntimeCell cell : result.cells()) {
      cell.runs().forEach(run -> rows.add(row(run)));
    }
    return rows;
  }

  private static String row(DowntimeRun run) {
    List<Object> row = new ArrayList<>();
    row.add(run.configuration().pairs());
    row.add(run.configuration().backend().label());
    row.add(run.configuration().iterativeLabel());
    row.add(run.configuration().warm().label());
    row.add(run.number());
    for (Measure measure : Measure.values()) {
      row.add(run.micros(measure));
    }
    for (Phase phase : Phase.values()) {
      row.add(run.device().micros(phase));
    }
    Move move = run.move();
    row.addAll(List.of(run.device().earlyBytes(), run.device().finalBytes()));
    row.addAll(List.of(move.totalTime(), move.setupTime(), move.rounds(), move.ramTransferred()));
    Move.Wire probe = move.probe();
    row.addAll(List.of(probe.sent(), probe.received(), probe.lost(), probe.duplicated()));
    return String.join(",", row.stream().map(Object::toString).toList());
  }
}
