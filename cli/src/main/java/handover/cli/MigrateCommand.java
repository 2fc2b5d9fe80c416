package handover.cli;

import handover.diagnosis.check.CheckedMigration;
import handover.diagnosis.check.Difference;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import handover.monitor.client.QmpClient;
import handover.monitor.json.Json;
import handover.monitor.json.JsonText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code handover migrate}: moves a guest between two QMP sockets, ours or QEMU's. */
@Command(
    name = "migrate",
    description = {
      "Moves a guest from one QMP server to another, of this program or of QEMU.",
      "The two are compared first; between two QEMUs, capabilities are set alike on both sides.",
      "The destination waits with -incoming defer. Exit status: 0 moved, 1 not."
    },
    mixinStandardHelpOptions = true)
final class MigrateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private QmpPair machines;

  @Option(
      names = "--uri",
      required = true,
      paramLabel = "URI",
      description =
          "Where the guest travels: tcp:HOST:PORT (port 0: the destination chooses) or unix:PATH.")
  private String uri;

  @Option(
      names = "--capability",
      paramLabel = "NAME=on|off",
      description = "Migration capability, set on both sides first.")
  private Map<String, String> capabilities = new LinkedHashMap<>();

  @Option(
      names = "--parameter",
      paramLabel = "NAME=VALUE",
      description = "Migration parameter, set on both sides first.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(names = "--json", description = "Prints the outcome as JSON, and no progress.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    MigrationPlan plan =
        MigrationPlan.to(uri).withCapabilities(switches()).withParameters(parameters);
    try (QmpClient from = machines.source();
        QmpClient to = machines.destination()) {
      CheckedMigration driver = new CheckedMigration(from, to, plan, this::warn);
      CountDownLatch told = new CountDownLatch(1);
      Thread onSignal = new Thread(() -> cancel(driver, told), "cancel-migration");
      Runtime.getRuntime().addShutdownHook(onSignal);
      try {
        return tell(drive(driver));
      } finally {
        told.countDown();
        removeHook(onSignal);
      }
    }
  }

  private MigrationOutcome drive(CheckedMigration driver) throws IOException, InterruptedException {
    ProgressDisplay display = ProgressDisplay.on(spec.commandLine().getOut(), json);
    try {
      return driver.run(display);
    } finally {
      display.finish();
    }
  }

  private void warn(Difference risk) {
    spec.commandLine()
        .getErr()
        .printf("handover: warning: %s; %s (%s)%n", risk.line(), risk.how(), risk.remedy());
    spec.commandLine().getErr().flush();
  }

  private int tell(MigrationOutcome outcome) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonText.pretty(toJson(outcome)));
    } else {
      outcome.reasons().forEach(reason -> out.println("- " + reason));
      out.println(outcome.words());
      if (outcome.moved()) {
        outcome.source().flatMap(MigrationSummary::of).ifPresent(out::println);
      }
    }
    out.flush();
    return outcome.moved() ? 0 : 1;
  }

  private Map<String, Boolean> switches() {
    Map<String, Boolean> switches = new LinkedHashMap<>();
    capabilities.forEach((name, value) -> switches.put(name, onOrOff(name, value)));
    return switches;
  }

  private boolean onOrOff(String name, String value) {
    return switch (value) {
      case "on" -> true;
      case "off" -> false;
      default ->
          throw new ParameterException(
              spec.commandLine(),
              "--capability %s expects on or off, got '%s'".formatted(name, value));
    };
  }

  /** Ctrl-C cancels, and the process stays until it has told what came of it. */
  private static void cancel(CheckedMigration driver, CountDownLatch told) {
    driver.cancel();
    try {
      var unused = told.await(15, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The signal came, and the hook has done its work.
    }
  }

  private static Json toJson(MigrationOutcome outcome) {
    List<Json> reasons = outcome.reasons().stream().map(Json::of).toList();
    return Json.object()
        .with("verdict", outcome.verdict().name().toLowerCase(Locale.ROOT))
        .with("words", outcome.words())
        .with("reasons", Json.of(reasons))
        .with("source", outcome.source())
        .with("destination", outcome.destination())
        .build();
  }
}
