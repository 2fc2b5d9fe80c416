package handover.cli;

import handover.lab.DowntimeExperiment;
import handover.lab.DowntimePlan;
import handover.lab.DowntimeResult;
import handover.lab.NetworkBackend;
import handover.lab.RunRecords;
import handover.lab.Warmth;
import handover.lab.report.ReportFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code handover lab}: experiments. */
@Command(
    name = "lab",
    description = "Experiments with real moves, and reports of them.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class LabCommand {
  @Spec private CommandSpec spec;

  /** Values of {@code --backend} in this build, for help. */
  static final class Backends implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return NetworkBackend.available().stream().map(NetworkBackend::label).iterator();
    }
  }

  /** Values of {@code --warm}, for help. */
  static final class Warmths implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Warmth.values()).map(Warmth::label).iterator();
    }
  }

  @Command(
      description = {
        "Moves a guest between processes again and again, in every combination of the lists, and"
            + " writes runs.csv, summary.json and report.html.",
        "Exit status: 0 if every move succeeded, 1 otherwise."
      },
      mixinStandardHelpOptions = true)
  int downtime(
      @Option(
              names = "--pairs",
              defaultValue = "1",
              paramLabel = "N,...",
              description = "Queue pairs of the network device, 1 to 511. Default: 1.")
          String pairs,
      @Option(
              names = "--backend",
              defaultValue = "user",
              paramLabel = "NAME,...",
              completionCandidates = Backends.class,
              description = "What serves the device: ${COMPLETION-CANDIDATES}. Default: user.")
          String backend,
      @Option(
              names = "--iterative",
              defaultValue = "on,off",
              paramLabel = "on|off,...",
              description = "The device's iterative-mig. Default: on,off.")
          String iterative,
      @Option(
              names = "--warm",
              defaultValue = "rehearse",
              paramLabel = "NAME,...",
              completionCandidates = Warmths.class,
              description =
                  "What is made warm before the stop: ${COMPLETION-CANDIDATES}. Default: rehearse,"
                      + " as in any other migration.")
          String warm,
      @Option(
              names = "--rate",
              defaultValue = "2000",
              paramLabel = "N",
              description = "Probes a second that the guest answers, 1 to 100000. Default: 2000.")
          int rate,
      @Option(
              names = "--runs",
              defaultValue = "20",
              paramLabel = "N",
              description = "Moves per combination. Default: 20.")
          int runs,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "DIR",
              description = "Where the files go; made if it is not there.")
          Path out,
      @Option(
              names = "--resume",
              description = "Go on with the runs in DIR's runs.jsonl instead of from nothing.")
          boolean resume,
      @Option(
              names = "--minutes",
              defaultValue = "1440",
              paramLabel = "N",
              description =
                  "Begin no run after so many minutes; what is missing is for --resume. Default:"
                      + " 1440.")
          int minutes)
      throws IOException, InterruptedException {
    DowntimePlan plan = plan(new DowntimePlan.Typed(pairs, backend, iterative, warm, rate, runs));
    ReportFolder folder = ReportFolder.at(out);
    RunRecords records = folder.records();
    if (!resume) {
      records.clear();
    }
    Duration limit = Duration.ofMinutes(minutes);
    DowntimeResult result =
        new DowntimeExperiment(plan, command(), Instant.now(), this::line, records, limit)
            .run(sofar -> write(folder, sofar));
    line("Report: " + folder.page().toAbsolutePath());
    return result.problems().isEmpty() && result.missing().isEmpty() ? 0 : 1;
  }

  private DowntimePlan plan(DowntimePlan.Typed typed) {
    List<String> problems = new ArrayList<>();
    return DowntimePlan.of(typed, problems::add)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.subcommands().get("downtime"), String.join("\n", problems)));
  }

  private String command() {
    return "./handover "
        + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
  }

  private static void write(ReportFolder folder, DowntimeResult result) {
    try {
      folder.write(result);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void line(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
