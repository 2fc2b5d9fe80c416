package handover.monitor.client;

import handover.monitor.client.MigrationOutcome.Verdict;
import handover.monitor.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Moves a guest between two QMP servers, ours or QEMU's: compares the two machines, prepares the
 * destination, migrates, and then asks both sides who runs the guest.
 *
 * <p>Works by polling {@code query-migrate}, because capability {@code events} may be off, and is
 * woken early by the MIGRATION event of the end where it comes.
 */
public final class MigrationDriver {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Set<String> OVER = Set.of("completed", "failed", "cancelled");
  private static final Set<String> LISTENING = Set.of("setup", "active");

  private final QmpClient source;
  private final QmpClient destination;
  private final MigrationPlan plan;
  private final List<String> reasons = new ArrayList<>();
  private boolean ran;
  private volatile boolean cancelled;

  /** Between two connected servers, which stay connected. */
  public MigrationDriver(QmpClient source, QmpClient destination, MigrationPlan plan) {
    this.source = source;
    this.destination = destination;
    this.plan = heard(plan);
  }

  /** Without a return path a QEMU source says "completed" when its destination has failed. */
  private static MigrationPlan heard(MigrationPlan plan) {
    Map<String, Boolean> capabilities = new LinkedHashMap<>(plan.capabilities());
    capabilities.putIfAbsent("return-path", true);
    return plan.withCapabilities(capabilities);
  }

  /** Cancels a migration under way, from any thread; {@link #run} then returns. */
  public void cancel() {
    cancelled = true;
    try {
      source.execute("migrate_cancel");
    } catch (IOException | QmpErrorException e) {
      reasons.add("cancelling failed: " + e.getMessage());
    }
  }

  /**
   * Does it all.
   *
   * @param watcher told about progress several times a second, on the calling thread
   */
  public MigrationOutcome run(Consumer<MigrationProgress> watcher) throws InterruptedException {
    try {
      reasons.addAll(PreAgreement.differences(source, destination, plan));
      ran = source.query("query-status").flag("running").orElse(false);
      if (!reasons.isEmpty()) {
        return outcome(Verdict.REFUSED, "Nothing was moved.");
      }
      configure(source);
      configure(destination);
      execute(source, "migrate", uri(listen()));
    } catch (IOException | QmpErrorException e) {
      reasons.add(e.getMessage());
      return settle();
    }
    watch(watcher);
    return settle();
  }

  private void configure(QmpClient side) throws IOException, QmpErrorException {
    List<Json> states = new ArrayList<>();
    plan.capabilities()
        .forEach(
            (name, on) ->
                states.add(Json.object().with("capability", name).with("state", on).build()));
    if (!states.isEmpty()) {
      execute(
          side,
          "migrate-set-capabilities",
          Json.object().with("capabilities", Json.of(states)).build());
    }
    Json.Builder parameters = Json.object();
    plan.parameters().forEach((name, value) -> parameters.with(name, parameterValue(value)));
    if (!plan.parameters().isEmpty()) {
      execute(side, "migrate-set-parameters", parameters.build());
    }
  }

  private static Json parameterValue(String text) {
    return switch (text) {
      case "on", "true" -> Json.of(true);
      case "off", "false" -> Json.of(false);
      default -> text.matches("[0-9]{1,18}") ? Json.of(Long.parseLong(text)) : Json.of(text);
    };
  }

  /** Makes the destination listen, unless it does already; returns where the source connects. */
  private String listen() throws IOException, QmpErrorException {
    Json.Obj before = destination.query("query-migrate");
    boolean waits =
        LISTENING.contains(before.text("status").orElse("none"))
            || !before.array("socket-address").isEmpty();
    if (!waits) {
      execute(destination, "migrate-incoming", uri(plan.uri()));
    }
    if (!plan.uri().startsWith("tcp:") || !plan.uri().endsWith(":0")) {
      return plan.uri();
    }
    Json.Obj listening = destination.query("query-migrate");
    String port =
        listening.array("socket-address").stream()
            .flatMap(a -> ((Json.Obj) a).text("port").stream())
            .findFirst()
            .orElseThrow(() -> new IOException("the destination does not say which port it chose"));
    return plan.uri().substring(0, plan.uri().length() - 1) + port;
  }

  private static Json.Obj uri(String uri) {
    return Json.object().with("uri", uri).build();
  }

  private void execute(QmpClient side, String command, Json.Obj arguments)
      throws IOException, QmpErrorException {
    try {
      side.execute(command, arguments, plan.patience());
    } catch (QmpErrorException e) {
      String which = side == source ? "source" : "destination";
      throw new QmpErrorException(
          e.errorClass(), "the %s refused %s: %s".formatted(which, command, e.getMessage()));
    }
  }

  private void watch(Consumer<MigrationProgress> watcher) throws InterruptedException {
    long deadline = System.nanoTime() + plan.limit().toNanos();
    while (true) {
      MigrationProgress progress;
      try {
        progress = MigrationProgress.from(source.query("query-migrate"));
      } catch (IOException | QmpErrorException e) {
        reasons.add("the source no longer answers: " + e.getMessage());
        return;
      }
      watcher.accept(progress);
      if (progress.ended()) {
        return;
      }
      if (!cancelled && System.nanoTime() > deadline) {
        reasons.add("not finished within %d s".formatted(plan.limit().toSeconds()));
        cancel();
      }
      var unused = source.awaitEvent(MigrationDriver::over, POLL);
    }
  }

  /**
   * Of the others the poll hears soon enough; asking while the guest stands still would delay it.
   */
  private static boolean over(QmpEvent event) {
    return event.name().equals("MIGRATION")
        && OVER.contains(event.data().text("status").orElse(""));
  }

  /** Asks both sides until each has made up its mind, then says who has the guest. */
  private MigrationOutcome settle() throws InterruptedException {
    SideState from = SideState.settled(source, plan.patience());
    // Only a source that let go makes the destination's arrival worth waiting for.
    SideState to =
        SideState.settled(destination, from.gaveAway() ? plan.patience() : Duration.ZERO);
    from.error().ifPresent(e -> reasons.add("source: " + e));
    to.error().ifPresent(e -> reasons.add("destination: " + e));
    if (from.running() && to.running()) {
      return outcome(
          Verdict.SPLIT,
          "The guest runs on BOTH sides. Stop one at once: 'stop' on the one whose disk and network"
              + " are older.");
    }
    if (from.reachable() && !from.gaveAway() && !to.arrived()) {
      return outcome(
          Verdict.STAYED,
          "The guest was not moved: it is %s on the source. %s"
              .formatted(from.status(), to.describe("destination")));
    }
    if (to.arrived() && !from.running()) {
      return outcome(
          Verdict.MOVED,
          "The guest was moved: it is %s on the destination. %s"
              .formatted(to.status(), from.describe("source")));
    }
    if (from.gaveAway() && destination.serverGone()) {
      return reclaim();
    }
    return outcome(
        Verdict.UNKNOWN,
        "Nobody can say who has the guest. %s %s Make sure that it runs on neither, then 'cont' on"
                .formatted(from.describe("source"), to.describe("destination"))
            + " exactly one: the destination if it received everything, else the source.");
  }

  /** The source let go, and the destination's process has ended: the guest is nowhere else. */
  private MigrationOutcome reclaim() {
    reasons.add("destination: its process has ended, though the source believes it has the guest");
    try {
      if (ran) {
        execute(source, "cont", Json.Obj.EMPTY);
      }
      String status = source.query("query-status").text("status").orElse("unknown");
      return outcome(
          Verdict.STAYED,
          "The destination died with the guest; it was taken back and is %s on the source."
              .formatted(status));
    } catch (IOException | QmpErrorException e) {
      reasons.add("source: " + e.getMessage());
      return outcome(
          Verdict.UNKNOWN,
          "The destination died with the guest, and the source does not go on: 'cont' it by hand.");
    }
  }

  private MigrationOutcome outcome(Verdict verdict, String words) {
    return new MigrationOutcome(
        verdict, words, List.copyOf(reasons), report(source), report(destination));
  }

  private static Optional<Json.Obj> report(QmpClient side) {
    try {
      return Optional.of(side.query("query-migrate"));
    } catch (IOException | QmpErrorException e) {
      return Optional.empty();
    }
  }
}
