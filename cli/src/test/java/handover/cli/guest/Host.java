package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import handover.lab.VmProcess;
import handover.monitor.client.QmpErrorException;
import handover.monitor.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A machine in a process of its own, with what tests ask of it. */
record Host(String name, VmProcess process) implements AutoCloseable {
  /** Longest wait for anything; generous, as the machine may be busy with other things. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  static final Pattern BEAT = Pattern.compile("pulse: beat (\\d+) uptime_ms=(\\d+)");

  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);
  private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");

  Json.Obj ask(String command, Json.Obj arguments) {
    try {
      return process.qmp().execute(command, arguments, LIMIT) instanceof Json.Obj object
          ? object
          : Json.Obj.EMPTY;
    } catch (IOException | QmpErrorException e) {
      throw new AssertionError(
          "%s: %s failed: %s%n%s".formatted(name, command, e.getMessage(), log()), e);
    }
  }

  Json.Obj ask(String command) {
    return ask(command, Json.Obj.EMPTY);
  }

  /** {@code running}, {@code paused}, {@code inmigrate}, … */
  String status() {
    return ask("query-status").text("status").orElse("?");
  }

  /** {@code query-migrate}. */
  Json.Obj migration() {
    return ask("query-migrate");
  }

  /** Why the last migration failed. */
  String error() {
    return migration().text("error-desc").orElse("");
  }

  void capability(String capability, boolean on) {
    Json.Obj state = Json.object().with("capability", capability).with("state", on).build();
    ask(
        "migrate-set-capabilities",
        Json.object().with("capabilities", Json.of(List.of(state))).build());
  }

  void parameter(String parameter, long value) {
    ask("migrate-set-parameters", Json.object().with(parameter, value).build());
  }

  /** Begins to wait for a guest; returns where. */
  String listen() {
    listen("tcp:127.0.0.1:0");
    return listening();
  }

  /** Begins to wait for a guest at {@code uri}. */
  void listen(String uri) {
    ask("migrate-incoming", uri(uri));
  }

  /** Where a guest is waited for. */
  String listening() {
    return migration().array("socket-address").stream()
        .map(a -> (Json.Obj) a)
        .map(a -> a.text("path").map(p -> "unix:" + p).orElseGet(() -> "tcp:127.0.0.1:" + port()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("waits for no guest: " + migration()));
  }

  int port() {
    return migration().array("socket-address").stream()
        .flatMap(a -> ((Json.Obj) a).text("port").stream())
        .mapToInt(Integer::parseInt)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no port in " + migration()));
  }

  /** Begins to send the guest to {@code uri}. */
  void migrate(String uri) {
    ask("migrate", uri(uri));
  }

  private static Json.Obj uri(String uri) {
    return Json.object().with("uri", uri).build();
  }

  /** Waits until {@code query-migrate} is as wanted; {@code others} are quoted if it is not. */
  Json.Obj awaitMigration(String what, Predicate<Json.Obj> wanted, Host... others)
      throws InterruptedException {
    return await(what, this::migration, wanted, others);
  }

  /** Waits for the end of a migration in either way; returns {@code query-migrate}. */
  Json.Obj awaitEnd(Host... others) throws InterruptedException {
    return awaitMigration(
        "the migration to end", m -> ENDED.contains(m.text("status").orElse("")), others);
  }

  /** Waits for a run state. */
  void awaitStatus(String status, Host... others) throws InterruptedException {
    await(
        "to be " + status,
        () -> ask("query-status"),
        s -> s.text("status").equals(Optional.of(status)),
        others);
  }

  private Json.Obj await(
      String what,
      java.util.function.Supplier<Json.Obj> look,
      Predicate<Json.Obj> wanted,
      Host... others)
      throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    Json.Obj seen = look.get();
    while (!wanted.test(seen)) {
      if (System.nanoTime() > deadline) {
        fail("waited in vain for %s on %s%n%s%s", what, name, describe(), describe(others));
      }
      var unused = process.qmp().awaitEvent(e -> e.name().equals("MIGRATION"), LOOK_AGAIN);
      seen = look.get();
    }
    return seen;
  }

  /** Waits for two beats that were not there before. */
  void awaitBeats() throws InterruptedException {
    int from = process.console().position();
    Pattern twice = Pattern.compile(BEAT.pattern() + ".*?pulse: beat \\d+ uptime", Pattern.DOTALL);
    awaitConsole(twice, from);
  }

  /** Waits for something on the serial line. */
  void awaitConsole(Pattern wanted, int from) throws InterruptedException {
    assertThat(process.console().await(wanted, from, LIMIT))
        .as("%s on the serial line; %s", wanted, describe())
        .isPresent();
  }

  /** Everything it says of itself, for messages. */
  String describe() {
    String printed = process.console().since(0);
    String state;
    try {
      state = process.qmp().query("query-status") + " " + process.qmp().query("query-migrate");
    } catch (IOException | QmpErrorException e) {
      state = "does not answer: " + e.getMessage();
    }
    return "%s: %s%n  log: %s%n  serial line ends: %s%n"
        .formatted(
            name, state, log(), printed.substring(Math.max(0, printed.length() - 300)).strip());
  }

  static String describe(Host... hosts) {
    StringBuilder all = new StringBuilder();
    for (Host each : hosts) {
      all.append(each.describe());
    }
    return all.toString();
  }

  String log() {
    try {
      return process.log().strip();
    } catch (IOException e) {
      return "unreadable: " + e.getMessage();
    }
  }

  /** Ends the process without a word, as a crash does. */
  void kill() throws InterruptedException {
    process.process().destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.close();
  }
}
