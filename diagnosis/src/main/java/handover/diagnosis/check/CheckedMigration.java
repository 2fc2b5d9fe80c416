package handover.diagnosis.check;

import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import handover.monitor.client.MigrationProgress;
import handover.monitor.client.QmpClient;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A migration between two QEMUs, or one and a Handover, that is agreed on first: both sides get the
 * same capabilities and parameters, with a return path in any case (without one a source cannot
 * learn that the destination failed), and what the check says would break is not begun. What is a
 * risk only is told, and begun.
 */
public final class CheckedMigration {
  private static final List<String> ALIKE =
      List.of("multifd", "postcopy-ram", "postcopy-preempt", "x-ignore-shared", "switchover-ack");
  private static final List<String> ALIKE_PARAMETERS =
      List.of("multifd-channels", "multifd-compression");

  private final QmpClient source;
  private final QmpClient destination;
  private final MigrationPlan wanted;
  private final Consumer<Difference> risks;
  private Optional<MigrationDriver> driver = Optional.empty();
  private boolean cancelled;

  /**
   * Between two connected servers, which stay connected.
   *
   * @param risks told, before anything is moved, what may harm the guest on the way
   */
  public CheckedMigration(
      QmpClient source, QmpClient destination, MigrationPlan plan, Consumer<Difference> risks) {
    this.source = source;
    this.destination = destination;
    this.wanted = plan;
    this.risks = risks;
  }

  /** Cancels, from any thread; {@link #run} then returns. */
  public void cancel() {
    Optional<MigrationDriver> running;
    synchronized (this) {
      cancelled = true;
      running = driver;
    }
    running.ifPresent(MigrationDriver::cancel);
  }

  /**
   * Does it all.
   *
   * @param watcher told about progress, on the calling thread
   * @throws IOException if a side does not answer before anything was begun
   */
  public MigrationOutcome run(Consumer<MigrationProgress> watcher)
      throws IOException, InterruptedException {
    MachineFacts from = FactsReader.read(source);
    MachineFacts to = FactsReader.read(destination);
    if (from.handover() && to.handover()) {
      return begin(wanted).run(watcher);
    }
    MigrationPlan plan = aligned(from, to);
    MachineCheck check =
        MachineCheck.of(
            from.with(plan.capabilities(), plan.parameters()),
            to.with(plan.capabilities(), plan.parameters()));
    if (check.outcome().breaks()) {
      return refused(check);
    }
    check.risks().forEach(risks);
    return begin(plan).run(watcher);
  }

  private MigrationDriver begin(MigrationPlan plan) throws IOException {
    MigrationDriver made = new MigrationDriver(source, destination, plan);
    synchronized (this) {
      if (cancelled) {
        throw new IOException("cancelled before anything was moved");
      }
      driver = Optional.of(made);
    }
    return made;
  }

  /** The plan, completed by what the source has and the destination has to have as well. */
  private MigrationPlan aligned(MachineFacts from, MachineFacts to) {
    Map<String, Boolean> capabilities = new LinkedHashMap<>();
    for (String name : ALIKE) {
      if (from.capabilities().containsKey(name) && to.capabilities().containsKey(name)) {
        capabilities.put(name, from.has(name));
      }
    }
    capabilities.putAll(wanted.capabilities());
    capabilities.put("return-path", true);
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String name : ALIKE_PARAMETERS) {
      if (from.parameters().containsKey(name) && to.parameters().containsKey(name)) {
        parameters.put(name, from.parameters().get(name));
      }
    }
    parameters.putAll(wanted.parameters());
    return wanted.withCapabilities(capabilities).withParameters(parameters);
  }

  private static MigrationOutcome refused(MachineCheck check) {
    List<String> reasons =
        check.breaking().stream().map(d -> "%s (%s)".formatted(d.line(), d.remedy())).toList();
    return new MigrationOutcome(
        MigrationOutcome.Verdict.REFUSED,
        "Nothing was moved.",
        reasons,
        Optional.empty(),
        Optional.empty());
  }
}
