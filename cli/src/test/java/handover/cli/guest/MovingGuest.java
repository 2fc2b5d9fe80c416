package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.guest.PulseImage;
import handover.lab.Heartbeat;
import handover.lab.Probe;
import handover.lab.ProbeSettings;
import handover.lab.PulseControl;
import handover.lab.VmProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import handover.monitor.json.Json;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The built-in guest on one host, other hosts to move it to, and a wire with a probe on it. Follows
 * the guest from host to host, so that its heartbeat can be read as one.
 */
final class MovingGuest implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("pulse: ready");
  private static final long PROBES = 20;

  private final Path directory;
  private final Hardware hardware;
  private final String append;
  private final Path image;
  private final LearningSwitch hub = new LearningSwitch();
  private final Netdevs netdevs = new Netdevs();
  private final List<Netdev> wires = new ArrayList<>();
  private final List<Host> hosts = new ArrayList<>();
  private final StringBuilder printedBefore = new StringBuilder();
  private final Probe probe;
  private Host host;
  private int bootedAt;

  private MovingGuest(Hardware hardware, String append) throws IOException, InterruptedException {
    this.hardware = hardware;
    this.append = append;
    directory = Files.createTempDirectory("faults");
    image = Files.write(directory.resolve("pulse.bin"), PulseImage.bytes());
    hub.listen(UnixDomainSocketAddress.of(hubPath()));
    probe = new Probe(wire("probe"), ProbeSettings.defaults().withPerSecond(200));
    host = start(hardware, List.of());
  }

  /** Boots a guest with a command line and waits until it beats and answers. */
  static MovingGuest boot(Hardware hardware, String append)
      throws IOException, InterruptedException {
    MovingGuest guest = new MovingGuest(hardware, append);
    guest.host.awaitConsole(READY, 0);
    guest.awaitAnswers();
    return guest;
  }

  /** Where the guest is. */
  Host host() {
    return host;
  }

  Hardware hardware() {
    return hardware;
  }

  /** A machine like the guest's that waits for it, but does not listen yet. */
  Host destination() throws IOException, InterruptedException {
    return destination(hardware);
  }

  /** A machine that waits for the guest, but does not listen yet. */
  Host destination(Hardware other) throws IOException, InterruptedException {
    return start(other, List.of("-incoming", "defer"));
  }

  private Host start(Hardware parts, List<String> more) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(parts.commandLine(hubPath().toString()));
    words.addAll(List.of("-kernel", image.toString(), "-append", append));
    words.addAll(more);
    String name = "h" + hosts.size();
    Host started = new Host(name, VmProcess.start(directory, name, words));
    hosts.add(started);
    return started;
  }

  /** A real QEMU that waits for the guest, but does not listen yet. */
  Host qemu(QemuVersion version) throws IOException, InterruptedException {
    List<String> program =
        new ArrayList<>(version.program(new StringBuilder()).orElseThrow(IOException::new));
    program.addAll(List.of("-M", "virt", "-cpu", version.cpu()));
    program.addAll(List.of("-global", "virtio-mmio.force-legacy=false"));
    String wire = "stream,id=net0,server=off,addr.type=unix,addr.path=" + hubPath();
    List<String> options = new ArrayList<>(List.of("-m", hardware.options().get("-m")));
    options.addAll(List.of("-bios", "none", "-netdev", wire));
    options.addAll(List.of("-device", "virtio-net-device,netdev=net0", "-incoming", "defer"));
    String name = "q" + hosts.size();
    Host started = new Host(name, VmProcess.start(directory, name, program, options));
    hosts.add(started);
    return started;
  }

  /** Moves the guest to a fresh host of the same kind, comparing all of memory. */
  MigrationOutcome move() throws IOException, InterruptedException {
    return moveTo(destination());
  }

  /** Moves the guest, comparing all of memory; the host it leaves is closed. */
  MigrationOutcome moveTo(Host destination) throws InterruptedException {
    MigrationPlan plan =
        MigrationPlan.to("tcp:127.0.0.1:0")
            .withPatience(Host.LIMIT)
            .withCapabilities(Map.of("x-verify-ram", true));
    MigrationOutcome outcome =
        new MigrationDriver(host.process().qmp(), destination.process().qmp(), plan).run(p -> {});
    assertThat(outcome.moved())
        .as("%s %s%n%s", outcome.words(), outcome.reasons(), Host.describe(host, destination))
        .isTrue();
    arrivedAt(destination);
    return outcome;
  }

  /** The guest is there now, in one of ours; what the host it left has printed is kept. */
  void arrivedAt(Host destination) throws InterruptedException {
    arrivedIn(destination);
    host.capability("x-verify-ram", false);
  }

  /** The guest is there now, in whatever program. */
  void arrivedIn(Host destination) throws InterruptedException {
    Host left = host;
    host = destination;
    left.close();
    assertThat(left.process().console().awaitEnd(Host.LIMIT)).as("console's end").isTrue();
    printedBefore.append(left.process().console().since(0));
  }

  /** Sends the guest to where it must not arrive; returns the error, the same on both sides. */
  String refusedBy(Host destination, String uri) throws InterruptedException {
    host.migrate(uri);
    Json.Obj end = host.awaitEnd(destination);
    assertThat(end.text("status"))
        .as("the source's migration; %s", Host.describe(host, destination))
        .contains("failed");
    Json.Obj there = destination.awaitEnd(host);
    String error = end.text("error-desc").orElse("");
    assertThat(there.text("error-desc")).as("the same on both sides").contains(error);
    assertThat(destination.status()).isEqualTo("inmigrate");
    return error;
  }

  /** Asserts that the guest runs here, beats, answers, and never lost anything. */
  void runsOn() throws InterruptedException {
    assertThat(host.status()).as(host.describe()).isEqualTo("running");
    host.awaitBeats();
    awaitAnswers();
    assertUnharmed();
  }

  /** Asserts that the probe is answered from now on. */
  void awaitAnswers() throws InterruptedException {
    assertThat(probe.awaitReceived(probe.report().received() + PROBES, Host.LIMIT))
        .as("probes answered; %s", host.describe())
        .isTrue();
  }

  /** Asserts that no beat was ever lost or doubled and no memory damaged. */
  void assertUnharmed() {
    String printed = printed().substring(bootedAt);
    Heartbeat heartbeat = new Heartbeat(Host.BEAT);
    heartbeat.take(printed);
    assertThat(heartbeat.continuous()).as("heartbeat without a gap in%n%s", printed).isTrue();
    assertThat(printed).doesNotContainPattern("CORRUPT|corrupt=[1-9]|TRAP");
  }

  /** The guest has booted again, on purpose: only what it printed since is looked at. */
  void beginAgain() {
    bootedAt = printed().lastIndexOf("pulse: ready");
  }

  private String printed() {
    return printedBefore + host.process().console().since(0);
  }

  /** Whether it is worth going on with this guest after another test. */
  boolean alive() {
    return host.process().process().isAlive() && host.status().equals("running");
  }

  /** A remote control on the wire. */
  PulseControl control() throws IOException {
    return new PulseControl(wire("control"), probe.guestMac().orElseThrow());
  }

  private Netdev wire(String id) throws IOException {
    List<String> problems = new ArrayList<>();
    Map<String, String> properties =
        Map.of("id", id, "addr.type", "unix", "addr.path", hubPath().toString());
    Netdev wire =
        netdevs
            .open("stream", properties, problems::add)
            .orElseThrow(() -> new IOException(String.join("; ", problems)));
    wires.add(wire);
    return wire;
  }

  private Path hubPath() {
    return directory.resolve("hub");
  }

  @Override
  public void close() throws IOException {
    probe.close();
    hosts.forEach(Host::close);
    wires.forEach(Netdev::close);
    hub.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
