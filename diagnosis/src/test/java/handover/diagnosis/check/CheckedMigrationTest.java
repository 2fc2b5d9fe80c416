package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;

import handover.diagnosis.QemuProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationOutcome.Verdict;
import handover.monitor.client.MigrationPlan;
import handover.monitor.client.QmpClient;
import handover.monitor.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two real QEMUs, among them a pair between which plain QEMU loses the guest. */
@Timeout(120)
final class CheckedMigrationTest {
  private static final String QEMU = System.getProperty("handover.qemu", "qemu-system-riscv64");
  private static final String BASE = QEMU + " -M virt -m 64 -bios none";

  @TempDir Path folder;
  private final List<QemuProcess> processes = new ArrayList<>();
  private QmpClient source;

  @BeforeEach
  void startSource() throws Exception {
    source = start(BASE).connect();
    source.execute("cont");
  }

  @AfterEach
  void endAll() {
    processes.forEach(QemuProcess::close);
  }

  private QemuProcess start(String command) throws IOException {
    List<String> words = new ArrayList<>(Arrays.asList(command.split(" ", -1)));
    // A destination started with -S would keep the guest paused.
    QemuProcess qemu = QemuProcess.start(folder, words.toArray(String[]::new));
    processes.add(qemu);
    return qemu;
  }

  private MigrationPlan plan() {
    return MigrationPlan.to("unix:" + folder.resolve("stream"))
        .withPatience(Duration.ofSeconds(20));
  }

  private static Optional<String> status(QmpClient side) throws Exception {
    return side.query("query-status").text("status");
  }

  @Test
  void aMatchingPairMovesWithAReturnPath() throws Exception {
    QmpClient destination = start(BASE + " -incoming defer").connect();
    MigrationOutcome outcome = new CheckedMigration(source, destination, plan()).run(p -> {});
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    assertThat(status(source)).contains("postmigrate");
    assertThat(FactsReader.read(destination).has("return-path")).isTrue();
  }

  @Test
  void capabilitiesOfTheSourceAreSetAtTheDestination() throws Exception {
    QmpClient destination = start(BASE + " -incoming defer").connect();
    Json multifd = Json.object().with("capability", "multifd").with("state", true).build();
    source.execute(
        "migrate-set-capabilities",
        Json.object().with("capabilities", Json.of(List.of(multifd))).build());
    source.execute("migrate-set-parameters", Json.object().with("multifd-channels", 3).build());
    MigrationOutcome outcome = new CheckedMigration(source, destination, plan()).run(p -> {});
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    assertThat(FactsReader.read(destination).has("multifd")).isTrue();
  }

  @Test
  void whatWouldLoseTheGuestIsNotBegun() throws Exception {
    QmpClient destination = start(BASE + " -smp 2 -incoming defer").connect();
    MigrationOutcome outcome = new CheckedMigration(source, destination, plan()).run(p -> {});
    assertThat(outcome.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(outcome.reasons().getFirst()).contains("-smp").contains("source 1, destination 2");
    assertThat(status(source)).contains("running");
    assertThat(status(destination)).contains("inmigrate");
  }

  /** A destination whose netdev differs passes the driver's own comparison, and then dies. */
  @Test
  void aGuestThatPlainQemuLosesIsTakenBack() throws Exception {
    QmpClient from = start(BASE + " -netdev user,id=n0").connect();
    from.execute("cont");
    QemuProcess other = start(BASE + " -incoming defer");
    QmpClient to = other.connect();
    MigrationOutcome outcome =
        new MigrationDriver(from, to, plan().withCapabilities(Map.of("return-path", false)))
            .run(p -> {});
    assertThat(other.ends(Duration.ofSeconds(20))).isTrue();
    assertThat(other.log()).contains("slirp");
    assertThat(outcome.source().flatMap(s -> s.text("status"))).contains("completed");
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.STAYED);
    assertThat(status(from)).contains("running");
  }

  @Test
  void withAReturnPathTheSourceNeverLetsGo() throws Exception {
    QmpClient from = start(BASE + " -netdev user,id=n0").connect();
    from.execute("cont");
    QemuProcess other = start(BASE + " -incoming defer");
    QmpClient to = other.connect();
    MigrationOutcome outcome =
        new MigrationDriver(from, to, plan().withCapabilities(Map.of("return-path", true)))
            .run(p -> {});
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.STAYED);
    assertThat(outcome.source().flatMap(s -> s.text("status"))).contains("failed");
    assertThat(status(from)).contains("running");
  }
}
