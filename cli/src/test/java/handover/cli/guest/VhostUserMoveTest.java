package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import handover.lab.VmProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import handover.monitor.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Linux, whose rings are worked by DPDK, moves to another process with another DPDK while it pings,
 * and lives when that one dies.
 */
@Tag("guest")
@Timeout(420)
class VhostUserMoveTest {
  private static final Duration BOOT = Duration.ofMinutes(4);
  private static final Duration COMMAND = Duration.ofMinutes(1);

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Path folder;
  private LinuxGuest files;
  private VmProcess current;
  private final GuestShell shell = new GuestShell(() -> current, COMMAND);

  /** A short path: sockets' are limited. */
  @BeforeEach
  void prepare() throws Exception {
    assumeTrue(
        System.getenv("CI") != null || TestPmd.installed(),
        "needs dpdk-testpmd (tools/host-packages)");
    folder = Files.createTempDirectory("vhm");
    files = GuestCache.standard().fetch(System.out::println);
  }

  @AfterEach
  void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  private <T extends AutoCloseable> T keep(T opened) {
    open.push(opened);
    return opened;
  }

  @Test
  void linuxMovesFromOneDpdkToAnother() throws Exception {
    TestPmd first = keep(TestPmd.start(folder, "a"));
    VmProcess source = start("source", first, List.of());
    assertThat(source.console().await(Pattern.compile(LinuxGuest.READY), 0, BOOT))
        .as("what the guest printed: %s%n%s", source.console().since(0), first.log())
        .isPresent();
    current = source;
    assertThat(ping(3, 1)).as(first.log()).isEqualTo(3);
    shell("ping -i 0.1 10.0.2.2 >/tmp/pings & echo $! >/tmp/pinging");

    TestPmd second = keep(TestPmd.start(folder, "b"));
    VmProcess destination = start("destination", second, List.of("-incoming", "defer"));
    MigrationOutcome outcome =
        new MigrationDriver(
                source.qmp(),
                destination.qmp(),
                MigrationPlan.to("tcp:127.0.0.1:0").withCapabilities(Map.of("x-verify-ram", true)))
            .run(progress -> {});
    assertThat(outcome.moved()).as("%s %s", outcome.words(), outcome.reasons()).isTrue();
    current = destination;
    source.close();
    first.close();
    String pings = shell("kill -INT $(cat /tmp/pinging); wait; tail -2 /tmp/pings");
    assertThat(received(pings)).as(pings).isGreaterThanOrEqualTo(transmitted(pings) * 4 / 5);
    assertThat(ping(3, 1)).as(second.log()).isEqualTo(3);
    assertBudget(outcome);

    second.close();
    shell("until [ $(cat /sys/class/net/eth0/carrier) = 0 ]; do usleep 20000; done");
    assertThat(destination.log()).contains("the link is down until it is back");
    keep(TestPmd.start(folder, "b"));
    shell("until [ $(cat /sys/class/net/eth0/carrier) = 1 ]; do usleep 20000; done");
    assertThat(ping(5, 1)).isPositive();
  }

  /** Memory and queues early; positions and enabling in the blackout. */
  private static void assertBudget(MigrationOutcome outcome) {
    Json.Obj budget =
        outcome.source().orElseThrow().object("x-handover").orElseThrow().array("devices").stream()
            .map(Json.Obj.class::cast)
            .filter(d -> d.text("id").orElse("").endsWith("/virtio-net"))
            .findFirst()
            .flatMap(d -> d.object("backend"))
            .orElseThrow();
    Json.Obj early = budget.object("early").orElseThrow();
    Json.Obj blackout = budget.object("blackout").orElseThrow();
    assertThat(early.whole("pinning").orElseThrow()).isPositive();
    assertThat(early.whole("vq-creation").orElseThrow()).isPositive();
    assertThat(blackout.whole("pinning").orElseThrow()).isZero();
    assertThat(blackout.whole("vq-creation").orElseThrow()).isZero();
    assertThat(blackout.whole("state-load").orElseThrow()).isPositive();
    assertThat(blackout.whole("enable").orElseThrow()).isPositive();
  }

  private int ping(int count, int every) throws Exception {
    return received(shell("ping -c %d -i %d -w 30 10.0.2.2".formatted(count, every)));
  }

  private static int transmitted(String printed) {
    return number("(\\d+) packets transmitted", printed);
  }

  private static int received(String printed) {
    return number("(\\d+) packets received", printed);
  }

  private static int number(String pattern, String printed) {
    Matcher number = Pattern.compile(pattern).matcher(printed);
    assertThat(number.find()).as(printed).isTrue();
    return Integer.parseInt(number.group(1));
  }

  private VmProcess start(String name, TestPmd backEnd, List<String> more) throws Exception {
    List<String> options = new ArrayList<>(List.of("-m", "256"));
    options.addAll(files.options(""));
    options.addAll(List.of("-chardev", "socket,id=c0,reconnect-ms=100,path=" + backEnd.socket()));
    options.addAll(List.of("-netdev", "vhost-user,id=n0,chardev=c0"));
    options.addAll(List.of("-device", "virtio-net-device,netdev=n0,iterative-mig=on"));
    options.addAll(more);
    return keep(VmProcess.start(folder, name, options));
  }

  /** Runs a command line in the guest's shell; returns what it printed. */
  private String shell(String command) throws IOException, InterruptedException {
    return shell.run(command);
  }
}
