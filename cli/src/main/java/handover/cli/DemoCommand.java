package handover.cli;

import handover.lab.Demo;
import handover.lab.DemoGuest;
import handover.lab.DemoReport;
import handover.lab.DemoText;
import handover.monitor.json.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code handover demo}: moves a guest there and back while it is used. */
@Command(
    name = "demo",
    description = {
      "Boots a guest, moves it to another process and back under network and memory load, and shows"
          + " what that cost.",
      "Exit status: 0 if nothing was lost, 1 otherwise."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--guest",
      defaultValue = "pulse",
      paramLabel = "pulse|linux",
      description = "pulse is built in; linux is fetched once (about 120 MB). Default: pulse.")
  private String guest;

  @Option(
      names = "--iterative",
      defaultValue = "auto",
      paramLabel = "auto|on|off",
      description = "The network device's iterative-mig. Default: auto.")
  private String iterative;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the report there as well.")
  private Optional<Path> json = Optional.empty();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    ProgressDisplay display = ProgressDisplay.on(out, false);
    try (Demo demo = new Demo(guest(), iterative(), line -> print(out, display, line), display)) {
      DemoReport report = demo.run();
      display.finish();
      DemoText.of(report).forEach(out::println);
      out.flush();
      if (json.isPresent()) {
        Files.writeString(json.get(), JsonText.pretty(report.json()) + "\n");
      }
      return report.good() ? 0 : 1;
    }
  }

  private static void print(PrintWriter out, ProgressDisplay display, String line) {
    display.finish();
    out.println(line);
    out.flush();
  }

  private DemoGuest guest() {
    return switch (guest) {
      case "pulse" -> DemoGuest.PULSE;
      case "linux" -> DemoGuest.LINUX;
      default -> throw unknown("--guest", "pulse or linux", guest);
    };
  }

  private String iterative() {
    return switch (iterative) {
      case "auto", "on", "off" -> iterative;
      default -> throw unknown("--iterative", "auto, on or off", iterative);
    };
  }

  private ParameterException unknown(String option, String expected, String found) {
    return new ParameterException(
        spec.commandLine(), "%s expects %s, got '%s'".formatted(option, expected, found));
  }
}
