package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.diagnosis.QemuProcess;
import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import handover.monitor.json.Json;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real pairs of QEMUs that are checked and then really migrate, wrong as they are: what happens is
 * what the check has foretold. {@code -Dmisconfigurations=REGEXP} says which cases; {@code .*} is
 * all, two minutes of them, and writes the table of {@code docs/diagnosis.md}.
 */
@Timeout(60)
final class MisconfigurationMoveTest {
  private static final String CASES =
      System.getProperty("misconfigurations", "the same|mrg_rxbuf=off|RAM 128");

  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final Set<String> SETTLED = Set.of("completed", "failed", "cancelled");

  @TempDir Path folder;
  private final List<QemuProcess> processes = new ArrayList<>();

  /** What is done to a pair before it migrates. */
  private interface Setting {
    void of(QmpClient source, QmpClient destination) throws Exception;
  }

  /** A pair that was measured. */
  record Case(String name, String destination, Setting setting, Outcome measured) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    for (Arguments each : MisconfigurationTest.machines()) {
      Object[] of = each.get();
      all.add(new Case((String) of[0], (String) of[1], (a, b) -> {}, (Outcome) of[2]));
    }
    MisconfigurationTest.capabilities().forEach(each -> all.add(capability(each.get())));
    MisconfigurationTest.multifd().forEach(each -> all.add(multifd(each.get())));
    all.removeIf(c -> !c.name().matches(CASES));
    return all;
  }

  private static Case capability(Object[] of) {
    String name = (String) of[0];
    boolean here = (boolean) of[1];
    boolean there = (boolean) of[2];
    String sides = here && there ? "both sides" : here ? "source only" : "destination only";
    return new Case(
        name + " " + sides,
        MisconfigurationTest.BASE,
        (source, destination) -> {
          Map<String, Boolean> atSource = new LinkedHashMap<>();
          if (name.equals("switchover-ack")) {
            atSource.put("return-path", true);
          }
          atSource.put(name, here);
          MisconfigurationTest.set(source, atSource);
          MisconfigurationTest.set(destination, Map.of(name, there));
        },
        (Outcome) of[3]);
  }

  private static Case multifd(Object[] of) {
    String name = (String) of[0];
    return new Case(
        "%s %s, %s".formatted(name, of[1], of[2]),
        MisconfigurationTest.BASE,
        (source, destination) -> {
          MisconfigurationTest.set(source, Map.of("multifd", true));
          MisconfigurationTest.set(destination, Map.of("multifd", true));
          MisconfigurationTest.parameter(source, name, (Json) of[1]);
          MisconfigurationTest.parameter(destination, name, (Json) of[2]);
        },
        (Outcome) of[3]);
  }

  @AfterEach
  void endAll() {
    processes.forEach(QemuProcess::close);
  }

  private QemuProcess start(String options) throws IOException {
    List<String> command = new ArrayList<>(List.of(MisconfigurationTest.QEMU));
    command.addAll(Arrays.asList(options.split(" ", -1)));
    QemuProcess qemu = QemuProcess.start(folder, command.toArray(String[]::new));
    processes.add(qemu);
    return qemu;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void endsAsTheCheckHasForetold(Case pair) throws Exception {
    QemuProcess other = start(pair.destination() + " -incoming defer");
    String guest = MisconfigurationTest.BASE + CardDriver.options(folder);
    try (QmpClient source = start(guest).connect();
        QmpClient destination = other.connectIfKnown()) {
      CardDriver.run(source);
      try {
        pair.setting().of(source, destination);
      } catch (QmpErrorException e) {
        assumeTrue(false, "this QEMU does not know it: " + e.getMessage());
      }
      MachineCheck check = MachineCheck.of(source, destination);
      Seen seen = migrate(source, destination, other);
      MisconfigurationTable.add(pair.name(), seen.outcome(), seen.words(), check);
      assertThat(possible(pair.measured())).as(seen.words()).contains(seen.outcome());
      assertThat(broken(check)).as(check.breaking().toString()).isEqualTo(pair.measured());
    }
  }

  /** How it would end, apart from a risk that a QEMU without KVM is to any guest that runs. */
  private static Outcome broken(MachineCheck check) {
    return check.outcome() == Outcome.RISK ? Outcome.HARMLESS : check.outcome();
  }

  /** Whether a source has written its last byte when the destination dies is a matter of luck. */
  private static Set<Outcome> possible(Outcome foretold) {
    return foretold == Outcome.LOST ? Set.of(Outcome.LOST, Outcome.FAILURE) : Set.of(foretold);
  }

  /** How it ended, and what both sides said. */
  private record Seen(Outcome outcome, String words) {}

  private Seen migrate(QmpClient source, QmpClient destination, QemuProcess other)
      throws Exception {
    Json.Obj uri = Json.object().with("uri", "tcp:127.0.0.1:" + freePort()).build();
    try {
      destination.execute("migrate-incoming", uri);
      source.execute("migrate", uri);
    } catch (QmpErrorException e) {
      return new Seen(Outcome.REFUSAL, e.getMessage());
    }
    Json.Obj ended = awaitEnd(source);
    String status = ended.text("status").orElse("");
    if (!SETTLED.contains(status)) {
      return new Seen(Outcome.HANG, "");
    }
    boolean arrived = arrived(destination);
    boolean dead = !arrived && other.ends(PATIENCE);
    String words = words(ended.text("error-desc"), dead ? other.log() : "");
    if (status.equals("completed")) {
      return new Seen(
          arrived ? Outcome.HARMLESS : dead ? Outcome.LOST : Outcome.HANG,
          words.isEmpty() && !arrived ? "source: completed; destination: waits on" : words);
    }
    assertThat(source.query("query-status").text("status")).contains("running");
    return new Seen(Outcome.FAILURE, words);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static Json.Obj awaitEnd(QmpClient source) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Json.Obj now = source.query("query-migrate");
      if (SETTLED.contains(now.text("status").orElse("")) || System.nanoTime() > deadline) {
        return now;
      }
      var unused = source.awaitEvent(e -> e.name().equals("STOP"), Duration.ofMillis(10));
    }
  }

  /** Started with -S, a guest that has arrived is paused; a destination that fails goes away. */
  private static boolean arrived(QmpClient destination) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        if (destination.query("query-status").text("status").equals(Optional.of("paused"))) {
          return true;
        }
        var unused = destination.awaitEvent(e -> e.name().equals("RESUME"), Duration.ofMillis(10));
      } catch (IOException | QmpErrorException e) {
        return false;
      }
    }
    return false;
  }

  private static String words(Optional<String> source, String destination) {
    List<String> all = new ArrayList<>();
    source.ifPresent(words -> all.add("source: " + words));
    List<String> lines =
        destination
            .lines()
            .filter(line -> !line.contains("warning:") && !line.contains("info:"))
            .map(line -> line.replaceFirst("^[^ ]*qemu-system-[a-z0-9_]+: ", ""))
            .toList();
    if (!lines.isEmpty()) {
      all.add("destination: " + String.join("; ", lines));
    }
    return String.join("; ", all);
  }
}
