package handover.monitor.client;

import static org.assertj.core.api.Assertions.assertThat;

import handover.machine.RunState;
import handover.migration.Capability;
import handover.migration.Parameter;
import handover.monitor.FakeMachine;
import handover.monitor.MonitorSocket;
import handover.monitor.client.MigrationOutcome.Verdict;
import handover.monitor.qmp.QmpCommands;
import handover.monitor.qmp.QmpServer;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class MigrationDriverTest {
  @TempDir Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<MigrationProgress> progress = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void movesAGuestAndSaysSo() throws Exception {
    FakeMachine from = new FakeMachine();
    FakeMachine to = waiting(Map.of());
    from.fakeMigration().deliverTo(to);
    MigrationPlan plan =
        MigrationPlan.to("tcp:127.0.0.1:0")
            .withCapabilities(Map.of("virtio-iterative", false))
            .withParameters(Map.of("downtime-limit", "25"));
    MigrationOutcome outcome = run(from, to, plan);
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    assertThat(outcome.words())
        .isEqualTo(
            "The guest was moved: it is running on the destination."
                + " The source is 'postmigrate' (migration completed).");
    assertThat(outcome.reasons()).isEmpty();
    assertThat(from.fakeMigration().lastUri()).isEqualTo("tcp:127.0.0.1:4444");
    assertThat(progress.getLast().status()).isEqualTo("completed");
    for (FakeMachine side : List.of(from, to)) {
      assertThat(side.migration().settings().enabled(Capability.VIRTIO_ITERATIVE)).isFalse();
      assertThat(side.migration().settings().value(Parameter.DOWNTIME_LIMIT)).isEqualTo(25);
    }
  }

  @Test
  void aDestinationThatStillListensAfterAFailureIsTriedAgain() throws Exception {
    FakeMachine from = new FakeMachine();
    FakeMachine to = waiting(Map.of());
    to.fakeMigration().failedAttempt();
    from.fakeMigration().deliverTo(to);
    MigrationOutcome outcome = run(from, to, MigrationPlan.to("tcp:127.0.0.1:0"));
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    assertThat(from.fakeMigration().lastUri()).isEqualTo("tcp:127.0.0.1:4444");
  }

  @Test
  void refusesWithEveryDifferenceAndTouchesNothing() throws Exception {
    FakeMachine from = new FakeMachine();
    FakeMachine to =
        new FakeMachine(Map.of("mac", "52:54:00:00:00:01", "mq", "on", "iterative-mig", "off"));
    MigrationPlan plan =
        MigrationPlan.to("tcp:127.0.0.1:4444")
            .withCapabilities(Map.of("virtio-iterativ", true))
            .withParameters(Map.of("downtime-limit", "25"));
    MigrationOutcome outcome = run(from, to, plan);
    assertThat(outcome.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(outcome.reasons())
        .contains(
            "the destination is 'running'; start it with -incoming defer",
            "/machine/peripheral/net0.mac: the source has \"52:54:00:12:34:56\", the destination"
                + " \"52:54:00:00:00:01\"",
            "/machine/peripheral/net0.mq: the source has false, the destination true",
            "the source has no migration capability 'virtio-iterativ'; did you mean"
                + " 'virtio-iterative'?")
        .hasSize(5);
    assertThat(from.migration().settings().value(Parameter.DOWNTIME_LIMIT)).isEqualTo(300);
    assertThat(from.runState()).isEqualTo(RunState.RUNNING);
  }

  @Test
  void aFailureLeavesTheGuestOnTheSource() throws Exception {
    FakeMachine from = new FakeMachine();
    from.fakeMigration().fail("the connection broke in round 2");
    MigrationOutcome outcome = run(from, waiting(Map.of()), MigrationPlan.to("unix:/tmp/x"));
    assertThat(outcome.verdict()).isEqualTo(Verdict.STAYED);
    assertThat(outcome.words()).contains("it is running on the source");
    assertThat(outcome.reasons()).containsExactly("source: the connection broke in round 2");
  }

  @Test
  void aUriThatIsNotUnderstoodLeavesTheGuestOnTheSource() throws Exception {
    MigrationOutcome outcome =
        run(new FakeMachine(), waiting(Map.of()), MigrationPlan.to("carrier-pigeon"));
    assertThat(outcome.verdict()).isEqualTo(Verdict.STAYED);
    assertThat(outcome.reasons())
        .containsExactly(
            "the source refused migrate: expected tcp:HOST:PORT or unix:PATH, got"
                + " 'carrier-pigeon'");
  }

  @Test
  void cancellingEndsAStalledMigration() throws Exception {
    FakeMachine from = new FakeMachine();
    from.fakeMigration().stall();
    MigrationDriver driver =
        new MigrationDriver(
            connect("from", from),
            connect("to", waiting(Map.of())),
            MigrationPlan.to("tcp:localhost:1"));
    MigrationOutcome outcome =
        driver.run(
            p -> {
              assertThat(p.bytesPerSecond()).isEqualTo(125_000_000);
              assertThat(p.timeLeft()).hasValue(8);
              driver.cancel();
            });
    assertThat(outcome.verdict()).isEqualTo(Verdict.STAYED);
    assertThat(outcome.source().orElseThrow().text("status")).contains("cancelled");
  }

  @Test
  void aDestinationThatNeverReportsIsUnknown() throws Exception {
    FakeMachine from = new FakeMachine();
    MigrationPlan plan = MigrationPlan.to("tcp:localhost:1").withPatience(Duration.ofMillis(200));
    MigrationOutcome outcome = run(from, waiting(Map.of()), plan);
    assertThat(outcome.verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(outcome.words()).contains("'cont' on exactly one");
  }

  @Test
  void twoRunningGuestsAreAnAlarm() throws Exception {
    FakeMachine from = new FakeMachine();
    FakeMachine to = waiting(Map.of());
    from.fakeMigration().deliverTo(to);
    QmpClient source = connect("from", from);
    MigrationDriver driver =
        new MigrationDriver(source, connect("to", to), MigrationPlan.to("tcp:localhost:1"));
    MigrationOutcome outcome = driver.run(p -> from.become(RunState.RUNNING));
    assertThat(outcome.verdict()).isEqualTo(Verdict.SPLIT);
    assertThat(outcome.words()).contains("BOTH");
  }

  private MigrationOutcome run(FakeMachine from, FakeMachine to, MigrationPlan plan)
      throws IOException, InterruptedException {
    return new MigrationDriver(connect("from", from), connect("to", to), plan).run(progress::add);
  }

  private static FakeMachine waiting(Map<String, String> properties) {
    FakeMachine machine = new FakeMachine(properties);
    machine.become(RunState.INMIGRATE);
    return machine;
  }

  private QmpClient connect(String name, FakeMachine machine) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve(name + ".sock"));
    QmpServer server =
        new QmpServer(machine, QmpCommands.of(machine, (t, line) -> line), InstantSource.system());
    open.add(MonitorSocket.listen(address, server::serve));
    open.add(server);
    QmpClient client = QmpClient.connect(address);
    open.add(client);
    return client;
  }
}
