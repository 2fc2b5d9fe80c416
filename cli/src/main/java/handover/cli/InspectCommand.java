package handover.cli;

import handover.diagnosis.check.DestinationMachine;
import handover.diagnosis.stream.Comparison;
import handover.diagnosis.stream.Destination;
import handover.diagnosis.stream.DestinationFile;
import handover.diagnosis.stream.Finding;
import handover.diagnosis.stream.Inspection;
import handover.diagnosis.stream.JsonReport;
import handover.diagnosis.stream.TextReport;
import handover.monitor.client.QmpClient;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code handover inspect}: takes a migration stream apart. */
@Command(
    name = "inspect",
    description = {
      "Shows what is in a migration stream of any QEMU, or of this program.",
      "Exit status: 0 whole (and accepted), 1 broken or rejected, 2 not readable."
    },
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  private static final String QMP = "qmp:";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The stream; - for standard input.")
  private String file;

  @Option(names = "--json", description = "Prints JSON, every field included.")
  private boolean json;

  @Option(names = "--brief", description = "Leaves the fields out.")
  private boolean brief;

  @Option(
      names = "--against",
      paramLabel = "FILE|qmp:ADDRESS",
      description =
          "Says what the machine that wrote this stream, or has this QMP socket, would reject, where,"
              + " and why.")
  private Optional<String> against = Optional.empty();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (Inspection stream = open(file)) {
      if (against.isPresent()) {
        return compare(stream, out);
      }
      if (json) {
        JsonReport.print(stream, out);
      } else {
        TextReport.print(stream, out, !brief);
      }
      return stream.outline().broken().isEmpty() ? 0 : 1;
    }
  }

  private int compare(Inspection stream, PrintWriter out) throws IOException {
    List<Finding> findings = Comparison.of(stream, destination());
    if (json) {
      JsonReport.print(findings, out);
    } else {
      TextReport.print(findings, out);
    }
    return findings.stream().anyMatch(f -> f.effect() == Finding.Effect.REJECTED) ? 1 : 0;
  }

  private Destination destination() throws IOException {
    String name = against.orElseThrow();
    if (name.startsWith(QMP)) {
      try (QmpClient client = QmpClient.connect(name.substring(QMP.length()))) {
        return DestinationMachine.of(client);
      }
    }
    try (Inspection other = open(name)) {
      return DestinationFile.of(other);
    }
  }

  private Inspection open(String name) throws IOException {
    if (name.equals("-")) {
      return Inspection.of(new FileInputStream(FileDescriptor.in).getChannel());
    }
    Path path = Path.of(name);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new ParameterException(spec.commandLine(), "there is no stream to read at " + name);
    }
    return Inspection.of(path);
  }
}
