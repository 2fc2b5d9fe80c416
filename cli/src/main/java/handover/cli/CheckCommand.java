package handover.cli;

import handover.diagnosis.check.CheckReport;
import handover.diagnosis.check.MachineCheck;
import handover.monitor.client.QmpClient;
import handover.monitor.json.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code handover check}: would this migration work, and if not, why. */
@Command(
    name = "check",
    description = {
      "Says whether a guest can move between two machines, of QEMU or of this program, and why not.",
      "Only asks; touches neither guest. Exit status: 0 it can (a risk is told), 1 it cannot, 2 not checked."
    },
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  private static final int NOT_CHECKED = 2;

  @Spec private CommandSpec spec;

  @Mixin private QmpPair machines;

  @Option(names = "--all", description = "Lists the differences that do not matter as well.")
  private boolean all;

  @Option(names = "--json", description = "Prints everything as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (QmpClient from = machines.source();
        QmpClient to = machines.destination()) {
      return tell(MachineCheck.of(from, to));
    } catch (IOException e) {
      spec.commandLine().getErr().println("handover: " + e.getMessage());
      return NOT_CHECKED;
    }
  }

  private int tell(MachineCheck check) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonText.pretty(CheckReport.json(check)));
      out.flush();
    } else {
      CheckReport.print(check, out, all);
    }
    return check.outcome().breaks() ? 1 : 0;
  }
}
