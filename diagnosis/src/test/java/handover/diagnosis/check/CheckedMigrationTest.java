package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;

import handover.diagnosis.QemuProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationOutcome.Verdict;
import handover.monitor.client.MigrationPlan;
import handover.monitor.client.MigrationProgress;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two real QEMUs, among them a pair between which plain QEMU loses the guest. */
@Timeout(120)
final class CheckedMigrationTest {
  private static final String QEMU = System.getProperty("handover.qemu", "qemu-system-riscv64");
  private static final String RISCV = QEMU + " -M virt -m 64 -bios none";
  private static final String X86 = "qemu-system-x86_64 -M pc,accel=tcg -m 64";

  private static final List<String> MISSED = List.of("missed-stores");

  static Stream<String> machines() {
    return Stream.of(RISCV, X86);
  }

  @TempDir Path folder;
  private final List<Difference> risks = new ArrayList<>();
  private final List<QemuProcess> processes = new ArrayList<>();

  private QmpClient running(String command) throws Exception {
    QmpClient source = start(command).connect();
    source.execute("cont");
    return source;
  }

  @AfterEach
  void endAll() {
    processes.forEach(QemuProcess::close);
  }

  private QemuProcess start(String command) throws IOException {
    List<String> words = new ArrayList<>(Arrays.asList(command.split(" ", -1)));
    QemuProcess qemu = QemuProcess.start(folder, words.toArray(String[]::new));
    processes.add(qemu);
    return qemu;
  }

  private MigrationPlan plan() {
    return MigrationPlan.to("unix:" + folder.resolve("stream"))
        .withPatience(Duration.ofSeconds(20));
  }

  private CheckedMigration checked(QmpClient from, QmpClient to, MigrationPlan plan) {
    return new CheckedMigration(from, to, plan, risks::add);
  }

  private static Optional<String> status(QmpClient side) throws Exception {
    return side.query("query-status").text("status");
  }

  @ParameterizedTest
  @MethodSource("machines")
  void aMatchingPairMovesWithAReturnPath(String base) throws Exception {
    QmpClient source = running(base);
    QmpClient destination = start(base + " -incoming defer").connect();
    List<MigrationProgress> lines = new ArrayList<>();
    MigrationOutcome outcome = checked(source, destination, plan()).run(lines::add);
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    assertThat(lines).isNotEmpty();
    assertThat(status(source)).contains("postmigrate");
    // Every machine here is started with -S, which holds for a guest that arrives, too.
    assertThat(status(destination)).contains("paused");
    assertThat(FactsReader.read(destination).has("return-path")).isTrue();
    // Its guest ran, and nothing here has KVM.
    boolean misses = FactsReader.read(source).version().startsWith("7.");
    assertThat(risks).extracting(Difference::rule).isEqualTo(misses ? MISSED : List.of());
  }

  @ParameterizedTest
  @MethodSource("machines")
  void capabilitiesOfTheSourceAreSetAtTheDestination(String base) throws Exception {
    QmpClient source = running(base);
    QmpClient destination = start(base + " -incoming defer").connect();
    Json multifd = Json.object().with("capability", "multifd").with("state", true).build();
    source.execute(
        "migrate-set-capabilities",
        Json.object().with("capabilities", Json.of(List.of(multifd))).build());
    source.execute("migrate-set-parameters", Json.object().with("multifd-channels", 3).build());
    MigrationOutcome outcome = checked(source, destination, plan()).run(p -> {});
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    assertThat(FactsReader.read(destination).has("multifd")).isTrue();
  }

  @ParameterizedTest
  @MethodSource("machines")
  void whatWouldLoseTheGuestIsNotBegun(String base) throws Exception {
    QmpClient source = running(base + " -smp 2");
    QmpClient destination = start(base + " -incoming defer").connect();
    MigrationOutcome outcome = checked(source, destination, plan()).run(p -> {});
    assertThat(outcome.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(outcome.reasons().getFirst()).contains("-smp").contains("source 2, destination 1");
    assertThat(status(source)).contains("running");
    assertThat(status(destination)).contains("inmigrate");
  }

  @Test
  void onX86MoreProcessorsAtTheDestinationDoNoHarm() throws Exception {
    QmpClient source = running(X86);
    QmpClient destination = start(X86 + " -smp 2 -incoming defer").connect();
    MigrationOutcome outcome = checked(source, destination, plan()).run(p -> {});
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
  }

  /** A destination whose netdev differs passes the driver's own comparison, and then dies. */
  @ParameterizedTest
  @MethodSource("machines")
  void aGuestThatPlainQemuLosesIsTakenBack(String base) throws Exception {
    QmpClient from = running(base + " -netdev user,id=n0");
    QemuProcess other = start(base + " -incoming defer");
    QmpClient to = other.connect();
    MigrationOutcome outcome =
        new MigrationDriver(from, to, plan().withCapabilities(Map.of("return-path", false)))
            .run(p -> {});
    assertThat(other.ends(Duration.ofSeconds(20))).isTrue();
    assertThat(other.log()).contains("slirp");
    // Usually "completed"; "failed" if the destination was gone before the last byte was written.
    assertThat(outcome.source().flatMap(s -> s.text("status")).orElse("none"))
        .isIn("completed", "failed");
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.STAYED);
    assertThat(status(from)).contains("running");
  }

  @ParameterizedTest
  @MethodSource("machines")
  void withAReturnPathTheSourceNeverLetsGo(String base) throws Exception {
    QmpClient from = running(base + " -netdev user,id=n0");
    QemuProcess other = start(base + " -incoming defer");
    QmpClient to = other.connect();
    MigrationOutcome outcome =
        new MigrationDriver(from, to, plan().withCapabilities(Map.of("return-path", true)))
            .run(p -> {});
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.STAYED);
    assertThat(outcome.source().flatMap(s -> s.text("status"))).contains("failed");
    assertThat(status(from)).contains("running");
  }

  /** The destination is killed while memory flows. */
  @ParameterizedTest
  @MethodSource("machines")
  void aDestinationThatDiesOnTheWayLeavesTheGuestWhereItWas(String base) throws Exception {
    QmpClient from = running(base);
    QemuProcess other = start(base + " -incoming defer");
    QmpClient to = other.connect();
    MigrationPlan slowly = plan().withParameters(Map.of("max-bandwidth", "65536"));
    MigrationOutcome outcome = checked(from, to, slowly).run(p -> other.close());
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.STAYED);
    assertThat(outcome.words()).contains("source");
    assertThat(status(from)).contains("running");
  }
}
