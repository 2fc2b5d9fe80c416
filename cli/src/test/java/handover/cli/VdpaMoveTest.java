package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdevs;
import handover.guest.PulseImage;
import handover.lab.Probe;
import handover.lab.ProbeSettings;
import handover.lab.VmProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import handover.monitor.json.Json;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest whose network device is served by a vDPA device with a slow control plane moves back and
 * forth: with iterative migration the blackout pays for next to nothing of it.
 */
@Tag("guest")
@Timeout(240)
class VdpaMoveTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** What the guest's two queues and their device cost: 200 + 2 × (15 + 10) ms, and pinning. */
  private static final long CONTROL_PLANE_MICROS = 250_000;

  private static final String VDPA =
      "vdpa-sim,id=net0,backend=wire,device-ms=200,vq-create-us=15000,vq-modify-us=10000";

  @TempDir Path directory;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** The network device's share of one move, in microseconds. */
  private record Share(long load, long early, long blackout) {
    static Share of(MigrationOutcome outcome) {
      Json.Obj device =
          outcome
              .source()
              .orElseThrow()
              .object("x-handover")
              .orElseThrow()
              .array("devices")
              .stream()
              .map(Json.Obj.class::cast)
              .filter(d -> d.text("id").orElse("").endsWith("/virtio-net"))
              .findFirst()
              .orElseThrow();
      Json.Obj backEnd = device.object("backend").orElseThrow();
      return new Share(
          device.whole("load").orElseThrow(), sum(backEnd, "early"), sum(backEnd, "blackout"));
    }

    private static long sum(Json.Obj backEnd, String when) {
      Json.Obj lines = backEnd.object(when).orElseThrow();
      long sum = 0;
      for (String line : List.of("pinning", "vq-creation", "control", "state-load", "enable")) {
        sum += lines.whole(line).orElseThrow();
      }
      return sum;
    }
  }

  @AfterEach
  void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  @Test
  void theBlackoutPaysOnlyForWhatChanged() throws Exception {
    LearningSwitch hub = keep(new LearningSwitch());
    hub.listen(UnixDomainSocketAddress.of(hubPath()));
    Probe probe = keep(new Probe(wire(), ProbeSettings.defaults()));
    List<Share> on = moves("on", probe);
    List<Share> off = moves("off", probe);
    assertThat(off)
        .allSatisfy(
            share -> {
              assertThat(share.blackout()).isGreaterThanOrEqualTo(CONTROL_PLANE_MICROS);
              assertThat(share.early()).isZero();
            });
    assertThat(on)
        .allSatisfy(
            share -> assertThat(share.early()).isGreaterThanOrEqualTo(CONTROL_PLANE_MICROS));
    long backEnd = on.stream().mapToLong(Share::blackout).max().orElseThrow();
    assertThat(backEnd * 50).as("on: %s, off: %s", on, off).isLessThan(least(off));
    // The better one: a busy host adds its own milliseconds to either.
    assertThat(least(on) * 10).as("on: %s, off: %s", on, off).isLessThan(least(off));
  }

  private static long least(List<Share> shares) {
    return shares.stream().mapToLong(Share::load).min().orElseThrow();
  }

  /** Boots a guest, moves it there and back, and ends it. */
  private List<Share> moves(String iterative, Probe probe) throws Exception {
    List<Share> shares = new ArrayList<>();
    VmProcess host = start(iterative + 0, iterative, List.of());
    assertThat(host.console().await(Pattern.compile("pulse: ready"), 0, LIMIT)).isPresent();
    assertThat(probe.awaitGuest(LIMIT)).isTrue();
    for (int move = 1; move <= 2; move++) {
      awaitAnswers(probe);
      VmProcess next = start(iterative + move, iterative, List.of("-incoming", "defer"));
      MigrationOutcome outcome =
          new MigrationDriver(host.qmp(), next.qmp(), MigrationPlan.to("tcp:127.0.0.1:0"))
              .run(progress -> {});
      assertThat(outcome.moved()).as(outcome.words() + outcome.reasons()).isTrue();
      shares.add(Share.of(outcome));
      host.close();
      host = next;
    }
    awaitAnswers(probe);
    host.close();
    return shares;
  }

  private static void awaitAnswers(Probe probe) throws InterruptedException {
    assertThat(probe.awaitReceived(probe.report().received() + 200, LIMIT))
        .as("the guest answers on the network")
        .isTrue();
  }

  private VmProcess start(String name, String iterative, List<String> more) throws Exception {
    Path image = Files.write(directory.resolve("pulse.bin"), PulseImage.bytes());
    List<String> options = new ArrayList<>(List.of("-m", "128", "-kernel", image.toString()));
    options.addAll(List.of("-netdev", "stream,id=wire,addr.type=unix,addr.path=" + hubPath()));
    options.addAll(List.of("-netdev", VDPA));
    options.addAll(List.of("-device", "virtio-net-device,netdev=net0,iterative-mig=" + iterative));
    options.addAll(more);
    return keep(VmProcess.start(directory, name, options));
  }

  private handover.devices.net.Netdev wire() {
    return keep(
        new Netdevs()
            .open(
                "stream",
                Map.of("id", "probe", "addr.type", "unix", "addr.path", hubPath().toString()),
                problem -> {
                  throw new AssertionError(problem);
                })
            .orElseThrow());
  }

  private Path hubPath() {
    return directory.resolve("hub");
  }

  private <T extends AutoCloseable> T keep(T opened) {
    open.push(opened);
    return opened;
  }
}
