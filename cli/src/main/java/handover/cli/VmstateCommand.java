package handover.cli;

import handover.devices.FileFailure;
import handover.machine.MachineSpecException;
import handover.migration.DumpComparison;
import handover.migration.StateDump;
import handover.monitor.dump.ComparisonReport;
import handover.monitor.dump.DumpReader;
import handover.monitor.dump.DumpText;
import handover.monitor.dump.DumpWriter;
import handover.monitor.json.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code handover vmstate}: what a machine's migration consists of, and whether two fit. */
@Command(
    name = "vmstate",
    description = "Prints a machine's state declarations, or compares two such prints.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "dump|compare")
final class VmstateCommand {
  private static final int OK = 0;
  private static final int DIFFERENT = 1;
  private static final int NOT_UNDERSTOOD = 2;

  @Spec private CommandSpec spec;

  @Command(
      name = "dump",
      description = "Prints what would migrate: devices, groups, change classes, fields.",
      customSynopsis = "handover vmstate dump [--json] [OPTION of 'handover vm']...")
  int dump(
      @Option(names = "--help", usageHelp = true, description = "Show this help message and exit.")
          boolean help,
      @Option(names = "--json", description = "Prints JSON, as 'compare' reads it.") boolean json,
      @Parameters(paramLabel = "OPTION", arity = "0..*", hidden = true) List<String> options) {
    VmCommandLine line = VmCommandLine.parse(options == null ? List.of() : options);
    List<String> problems = new ArrayList<>(line.problems());
    if (line.help().isPresent()) {
      out().print(line.help().get());
      out().flush();
      return OK;
    }
    try {
      StateDump dump = DescribedMachine.dump(line.spec());
      if (problems.isEmpty()) {
        out().println(json ? JsonText.pretty(DumpWriter.write(dump)) : DumpText.of(dump));
        out().flush();
        return OK;
      }
    } catch (MachineSpecException e) {
      e.problems().stream().filter(p -> !problems.contains(p)).forEach(problems::add);
    }
    problems.forEach(this::complain);
    return NOT_UNDERSTOOD;
  }

  @Command(
      name = "compare",
      mixinStandardHelpOptions = true,
      description = {
        "Says whether a guest can move between two dumped machines, and names every difference.",
        "Exit status: 0 if a stream loads both ways, 1 if not, 2 if a dump was not understood."
      })
  int compare(
      @Option(names = "--json", description = "Prints JSON.") boolean json,
      @Parameters(paramLabel = "A", description = "A dump (--json).") Path first,
      @Parameters(paramLabel = "B", description = "Another.") Path second) {
    try {
      ComparisonReport report =
          new ComparisonReport(
              first.toString(), second.toString(), DumpComparison.of(read(first), read(second)));
      out().println(json ? JsonText.pretty(report.json()) : report.text().stripTrailing());
      out().flush();
      return report.loads() ? OK : DIFFERENT;
    } catch (IOException | IllegalArgumentException e) {
      complain(e.getMessage());
      return NOT_UNDERSTOOD;
    }
  }

  private static StateDump read(Path file) throws IOException {
    try {
      return DumpReader.read(Files.readString(file));
    } catch (IOException e) {
      throw new IOException("cannot read %s: %s".formatted(file, FileFailure.words(e)), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private void complain(String problem) {
    spec.commandLine().getErr().println("handover: " + problem);
  }
}
