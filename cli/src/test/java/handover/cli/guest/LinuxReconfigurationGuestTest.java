package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdev;
import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import handover.lab.Probe;
import handover.lab.ProbeReport;
import handover.lab.ProbeSettings;
import handover.lab.VmProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's kernel changes its network devices without end, with Debian's own {@code ethtool}, and
 * boots again every so often, while it is moved back and forth. All of memory is compared at every
 * move, all of a device's state where it went early, and a probe on the wire counts answers.
 *
 * <p>{@code -Dmoves=50} for more moves than the check has time for.
 */
@Tag("guest")
@Timeout(3600)
class LinuxReconfigurationGuestTest {
  private static final int MOVES = Integer.getInteger("moves", 4);
  private static final Duration BOOT = Duration.ofMinutes(4);
  private static final Duration ROUND = Duration.ofMinutes(2);
  private static final int ROUNDS_PER_BOOT = 6;
  private static final Pattern WORKED = Pattern.compile("work: round (\\d+) failed=(\\d+)");

  /** eth0 is what the probe talks to; eth1 takes what would make the probe lose it. */
  private static final String WORK =
      """
      #!/bin/sh
      for m in $(cat /lib/modules/extra/order); do insmod $m; done
      ip link set eth1 up
      n=0
      while [ $n -lt %d ]; do
        n=$((n + 1))
        failed=0
        pairs=$((n %% 2 + 1))
        steering=0
        ethtool -X eth0 equal 1 || steering=1
        ethtool -L eth0 combined $pairs || failed=$((failed + 1))
        ethtool -X eth0 equal $pairs || steering=2
        ethtool -K eth0 rx-gro-hw $([ $pairs = 1 ] && echo on || echo off) || failed=$((failed + 1))
        ip link set eth1 address 52:54:00:00:01:0$n || failed=$((failed + 1))
        ip link add link eth1 name v$n type vlan id $((n + 100)) || failed=$((failed + 1))
        ip link set v$n up
        [ $n -gt 2 ] && { ip link del v$((n - 2)) || failed=$((failed + 1)); }
        [ $(cat /sys/class/net/eth1/address) = 52:54:00:00:01:0$n ] || failed=$((failed + 1))
        echo "work: round $n failed=$failed steering=$steering"
      done
      reboot -f
      """
          .formatted(ROUNDS_PER_BOOT);

  @TempDir Path folder;
  private final StringBuilder printedBefore = new StringBuilder();
  private LinuxGuest files;
  private LearningSwitch hub;
  private Netdev wire;
  private Probe probe;
  private VmProcess current;

  @BeforeEach
  void boot() throws Exception {
    files =
        GuestCache.standard()
            .extended(
                List.of("ethtool", "libmnl0", "libc6"),
                List.of("8021q"),
                Map.of("bin/work", WORK),
                System.out::println);
    hub = new LearningSwitch();
    hub.listen(UnixDomainSocketAddress.of(folder.resolve("hub")));
    wire = LinuxSession.wire(folder);
    probe = new Probe(wire, ProbeSettings.defaults().withPerSecond(50));
    current = VmProcess.start(folder, "h0", options(false));
    awaitConsole(WORKED, 0, BOOT);
  }

  @AfterEach
  void tidy() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {current, probe, wire, hub}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  void worksAndRebootsWhileItMoves() throws Exception {
    int iterative = 0;
    for (int i = 1; i <= MOVES; i++) {
      iterative += move("h" + i) ? 1 : 0;
      awaitNews();
    }
    awaitReboot();
    ProbeReport report = probe.report();
    assertThat(probe.awaitReceived(report.received() + 50, BOOT)).as("answers at the end").isTrue();
    System.out.printf(
        "%d moves, %d of them early; %d rounds of work, %d boots; probes answered %d, twice %d%n",
        MOVES,
        iterative,
        count(WORKED),
        count(Pattern.compile("handover-guest: ready")),
        report.received(),
        report.duplicated());
    assertThat(report.duplicated()).as("frames that came twice").isZero();
    assertThat(iterative).as("moves with early state of both devices").isPositive();
    assertThat(printed()).doesNotContainPattern("Oops|BUG:|WARNING:|panic|virtio.*(fail|broken)");
    assertThat(printed()).doesNotContainPattern("failed=[1-9]|steering=[1-9]");
  }

  /** Moves to a fresh host, and tells whether both devices' state went early to its end. */
  private boolean move(String name) throws Exception {
    VmProcess next = VmProcess.start(folder, name, options(true));
    VmProcess left = current;
    MigrationPlan plan =
        MigrationPlan.to("tcp:127.0.0.1:0")
            .withPatience(ROUND)
            .withCapabilities(Map.of("x-verify-ram", true));
    MigrationOutcome outcome =
        new MigrationDriver(left.qmp(), next.qmp(), plan).run(progress -> {});
    assertThat(outcome.moved())
        .as("%s %s %s; printed: %s", name, outcome.words(), outcome.reasons(), printed())
        .isTrue();
    current = next;
    left.close();
    assertThat(left.console().awaitEnd(ROUND)).as("console's end").isTrue();
    printedBefore.append(left.console().since(0));
    return DeviceTable.of(outcome.source().orElseThrow()).rows().stream()
        .filter(row -> row.text("id").orElse("").endsWith("virtio-net"))
        .allMatch(row -> row.flag("iterative").orElse(false));
  }

  /** Something new on the console: a round, or a step of a boot. */
  private void awaitNews() throws InterruptedException {
    awaitConsole(Pattern.compile("work: round|handover-guest|OpenSBI"), 0, BOOT);
  }

  /** The guest has booted again while it was moved, or does so now, and works on. */
  private void awaitReboot() throws InterruptedException {
    if (count(Pattern.compile("handover-guest: ready")) < 2) {
      awaitConsole(Pattern.compile("(?s)handover-guest: ready.*work: round 1 "), 0, BOOT);
    }
    int here = current.console().position();
    awaitConsole(WORKED, here, BOOT);
  }

  private void awaitConsole(Pattern wanted, int from, Duration limit) throws InterruptedException {
    assertThat(current.console().await(wanted, from, limit))
        .as("%s on the console; printed: %s", wanted, printed())
        .isPresent();
  }

  private String printed() {
    return printedBefore + current.console().since(0);
  }

  private long count(Pattern pattern) {
    Matcher matcher = pattern.matcher(printed());
    return matcher.results().count();
  }

  private List<String> options(boolean waits) throws IOException {
    String device = "virtio-net-device,iterative-mig=auto,mq=on,queues=2,rss=on,netdev=";
    List<String> options = new ArrayList<>(List.of("-m", "192", "-smp", "2"));
    options.addAll(files.options("handover.run=/bin/work"));
    options.addAll(
        List.of("-netdev", "stream,id=n0,addr.type=unix,addr.path=" + folder.resolve("hub")));
    options.addAll(List.of("-netdev", "none,id=n1"));
    // The first device is in the last slot, and the kernel names them from the first one.
    options.addAll(List.of("-device", device + "n1", "-device", device + "n0"));
    if (waits) {
      options.addAll(List.of("-incoming", "defer"));
    }
    return options;
  }
}
