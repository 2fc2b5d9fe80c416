package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationOutcome.Verdict;
import handover.monitor.client.MigrationPlan;
import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import handover.monitor.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole machines, as from the command line, whose guest is a single jump to itself. */
@Timeout(60)
final class VmRunnerTest {
  private static final byte[] JUMP_TO_SELF = {0x6f, 0, 0, 0};

  @TempDir Path folder;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<QmpClient> clients = new ArrayList<>();

  @AfterEach
  void quit() {
    clients.forEach(VmRunnerTest::quit);
  }

  @Test
  void aMachineObeysItsMonitorsUntilItQuits() throws Exception {
    CompletableFuture<Integer> status = start("one", "-name one -smp 2");
    QmpClient client = connect("one");
    assertThat(client.query("query-status").text("status")).contains("running");
    assertThat(client.query("query-name").text("name")).contains("one");
    client.execute("stop");
    assertThat(client.query("query-status").text("status")).contains("paused");
    assertThat(client.awaitEvent(e -> e.name().equals("STOP"), Duration.ofSeconds(5))).isPresent();
    assertThat(human(client, "info network")).contains("n0: type=none");
    assertThat(human(client, "info qtree")).contains("dev: virtio-net-device", "mac = ");
    client.execute("cont");
    client.execute("system_reset");
    assertThat(client.awaitEvent(e -> e.name().equals("RESET"), Duration.ofSeconds(5))).isPresent();
    client.execute("quit");
    assertThat(client.awaitEvent(e -> e.name().equals("SHUTDOWN"), Duration.ofSeconds(5)))
        .isPresent();
    assertThat(status.get(10, TimeUnit.SECONDS)).isZero();
    assertThat(folder.resolve("one.qmp")).doesNotExist();
  }

  @Test
  void aGuestMovesThereAndBack() throws Exception {
    var here = start("here", "-kernel " + kernel());
    var there = start("there", "-incoming defer");
    assertMoves(connect("here"), connect("there"));
    quit(clients.removeFirst());
    assertThat(here.get(10, TimeUnit.SECONDS)).isZero();
    var again = start("again", "-incoming defer");
    assertMoves(clients.getFirst(), connect("again"));
    assertThat(there.isDone() || again.isDone()).as("both still run").isFalse();
  }

  @Test
  void aDifferentMachineIsRefusedAndTheGuestRunsOn() throws Exception {
    var here = start("here", "-kernel " + kernel());
    var there = start("there", "-incoming defer -smp 2");
    QmpClient source = connect("here");
    MigrationOutcome outcome =
        new MigrationDriver(source, connect("there"), MigrationPlan.to("tcp:127.0.0.1:0"))
            .run(p -> {});
    assertThat(outcome.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(outcome.reasons())
        .containsExactly("number of harts (-smp): the source has 1, the destination 2");
    assertThat(source.query("query-status").flag("running")).contains(true);
    assertThat(here.isDone() || there.isDone()).as("both still run").isFalse();
  }

  @Test
  void allProblemsOfLineAndMachineAreReportedTogether() throws Exception {
    int status =
        run(
            "-M virtt -m lots -smp 99 -knel x -kernel /nowhere/Image -bios none"
                + " -cpu rv64,zbq=on -serial foo -device virtio-net-devic"
                + " -device virtio-net-device,makk=1 -netdev steam,id=a"
                + " -device virtio-rng-pci,addr=4 -device virtio-rng-pci,addr=4.0"
                + " -device virtio-rng-pci,addr=20 -device virtio-net-pci,adr=5,mac=no");
    assertThat(status).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(
            "'-knel'; did you mean '-kernel'?",
            "-m expects a size",
            "'virtt'; did you mean 'virt'?",
            "1 to 8 harts, got 99",
            "/nowhere/Image",
            "'zbq'",
            "'foo'",
            "'virtio-net-devic'; did you mean 'virtio-net-device'?",
            "'makk'; did you mean 'mac'?",
            "'steam'; did you mean 'stream'?",
            "virtio-rng-pci: addr=4.0 is taken by virtio-rng-pci",
            "'addr' expects SLOT or SLOT.FUNCTION, hexadecimal, up to 1f.7, got '20'",
            "virtio-net-pci has no property 'adr'; did you mean 'addr'?",
            "virtio-net-pci: property 'mac' expects",
            "virtio-net-pci: netdev= is missing");
  }

  @Test
  void aNetdevThatCannotBeOpenedIsOneProblem() throws Exception {
    int status =
        run(
            "-kernel %s -netdev stream,id=n0,addr.type=unix,addr.path=/nowhere/hub"
                    .formatted(kernel())
                + " -device virtio-net-device,netdev=n0 -nodefaults");
    assertThat(status).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("netdev n0: cannot connect to unix:/nowhere/hub"),
            line -> assertThat(line).contains("1 problem;"));
  }

  @Test
  void aCancelledMigrationCanBeTriedAgain() throws Exception {
    var here = start("here", "-kernel " + kernel());
    var there = start("there", "-incoming defer");
    QmpClient source = connect("here");
    QmpClient destination = connect("there");
    MigrationPlan slow =
        MigrationPlan.to("tcp:127.0.0.1:0").withParameters(Map.of("max-bandwidth", "1000"));
    MigrationDriver driver = new MigrationDriver(source, destination, slow);
    MigrationOutcome outcome =
        driver.run(
            p -> {
              if (p.status().equals("active")) {
                driver.cancel();
              }
            });
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.STAYED);
    assertThat(here.isDone() || there.isDone()).as("both still run").isFalse();
    source.execute("migrate-set-parameters", Json.object().with("max-bandwidth", 0).build());
    assertMoves(source, destination);
  }

  /** Nothing else will come, as from a source that tries again. */
  @Test
  void aMachineWhoseFileHoldsNoGuestEnds() throws Exception {
    Path nonsense = Files.writeString(folder.resolve("nonsense"), "no guest in here");
    assertThat(start("here", "-incoming file:" + nonsense).get(20, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("no guest came from 'file:" + nonsense, "handover inspect");
  }

  @Test
  void aFileThatIsNotThereIsNamedWithWhatWritesOne() throws Exception {
    Path absent = folder.resolve("absent");
    assertThat(start("here", "-incoming file:" + absent).get(20, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("there is no file " + absent, "'migrate file:PATH' on a source");
  }

  private static void assertMoves(QmpClient from, QmpClient to) throws InterruptedException {
    MigrationPlan plan =
        MigrationPlan.to("tcp:127.0.0.1:0").withCapabilities(Map.of("x-verify-ram", true));
    MigrationOutcome outcome = new MigrationDriver(from, to, plan).run(p -> {});
    assertThat(outcome.verdict()).as(outcome.toString()).isEqualTo(Verdict.MOVED);
    assertThat(outcome.words()).contains("running on the destination");
  }

  /** One that has quit already is what was wanted. */
  private static void quit(QmpClient client) {
    try {
      client.execute("quit");
    } catch (IOException | QmpErrorException e) {
      assertThat(e).as("only a connection that ended may refuse").isInstanceOf(IOException.class);
    }
  }

  private static String human(QmpClient client, String line) throws Exception {
    Json.Obj arguments = Json.object().with("command-line", line).build();
    return ((Json.Str) client.execute("human-monitor-command", arguments)).value();
  }

  private Path kernel() throws IOException {
    return Files.write(folder.resolve("loop.bin"), JUMP_TO_SELF);
  }

  private CompletableFuture<Integer> start(String name, String more) throws IOException {
    String line =
        "-M virt -m 16 -nodefaults -netdev none,id=n0 -device virtio-net-device,id=net0,netdev=n0"
            + " -qmp unix:"
            + folder.resolve(name + ".qmp")
            + ",server=on,wait=off "
            + more
            + (more.contains("-incoming") || more.contains("-kernel")
                ? ""
                : " -kernel " + kernel());
    CompletableFuture<Integer> status = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("vm-" + name).start(() -> complete(status, line));
    return status;
  }

  private void complete(CompletableFuture<Integer> status, String line) {
    try {
      status.complete(run(line));
    } catch (InterruptedException | RuntimeException e) {
      status.completeExceptionally(e);
    }
  }

  private int run(String line) throws InterruptedException {
    PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new VmRunner(messages).run(VmCommandLine.parse(List.of(line.split(" ", -1))));
  }

  /** The socket appears when the machine is about to start. */
  private QmpClient connect(String name) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        QmpClient client = QmpClient.connect("unix:" + folder.resolve(name + ".qmp"));
        clients.add(client);
        return client;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw new IOException(
              name + " did not come up: " + err.toString(StandardCharsets.UTF_8), e);
        }
        Thread.onSpinWait();
      }
    }
  }
}
