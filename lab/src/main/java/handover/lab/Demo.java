package handover.lab;

import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import handover.monitor.client.MigrationProgress;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Boots a guest in one process, moves it to another and back while it is used, and measures.
 *
 * <p>Hosts "a" and "b" are processes of their own, joined by a learning switch in this one, on
 * which the probe sits. Two moves are measured. A third one digests all of RAM on both sides while
 * the guest is stopped; it would spoil the downtime of the others.
 */
public final class Demo implements AutoCloseable {
  private static final int GUEST_ADDRESS = 0x0a00_020f;
  private static final Duration LOAD_BEFORE_MOVE = Duration.ofSeconds(2);
  private static final Duration ANSWERS = Duration.ofSeconds(20);

  /** Enough that the grace period of every probe sent during the move has passed. */
  private static final long PROBES_AFTER_MOVE = 2500;

  private final DemoGuest guest;
  private final String iterative;
  private final Consumer<String> out;
  private final Consumer<MigrationProgress> progress;
  private final Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Heartbeat heartbeat;
  private final List<DemoReport.Move> moves = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private List<String> options = List.of();
  private Netdevs netdevs = new Netdevs();
  private boolean damaged;

  /**
   * A demo not yet begun.
   *
   * @param iterative the network device's {@code iterative-mig}
   * @param out takes lines of text
   * @param progress hears how each move is getting on
   */
  public Demo(
      DemoGuest guest, String iterative, Consumer<String> out, Consumer<MigrationProgress> progress)
      throws IOException {
    this.guest = guest;
    this.iterative = iterative;
    this.out = out;
    this.progress = progress;
    this.heartbeat = new Heartbeat(guest.beat());
    this.directory = Files.createTempDirectory("handover");
  }

  /** Does it all; returns what was seen even if a move failed. */
  public DemoReport run() throws IOException, InterruptedException {
    options = guest.prepare(directory, out);
    LearningSwitch hub = keep(new LearningSwitch());
    hub.listen(UnixDomainSocketAddress.of(directory.resolve("hub")));
    Probe probe = keep(new Probe(keep(wire("probe")), ProbeSettings.defaults()));

    out.accept("Booting the " + guest.label() + " guest on host a ...");
    VmProcess a = startHost("a", false);
    awaitGuest(a, probe);
    Optional<TcpHost> tcp = guest.speaksTcp() ? Optional.of(connect(probe)) : Optional.empty();
    VmProcess b = startHost("b", true);
    boolean moved = measure("a -> b", a, b, probe);
    VmProcess back = moved ? startHost("a2", true) : a;
    moved = moved && measure("b -> a", b, back, probe);
    boolean equal = moved && verify(back);
    Optional<TcpConversation.Report> said = tcp.map(TcpHost::report);
    return new DemoReport(
        guest.label(),
        moved,
        List.copyOf(moves),
        equal && !damaged,
        heartbeat.continuous(),
        said,
        List.copyOf(words));
  }

  @Override
  public void close() throws IOException {
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        out.accept("closing failed: " + e.getMessage());
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private <T extends AutoCloseable> T keep(T opened) {
    open.add(opened);
    return opened;
  }

  private Netdev wire(String id) throws IOException {
    List<String> problems = new ArrayList<>();
    return netdevs
        .open("stream", netdevProperties(id), problems::add)
        .orElseThrow(() -> new IOException(String.join("; ", problems)));
  }

  private Map<String, String> netdevProperties(String id) {
    return Map.of("id", id, "addr.type", "unix", "addr.path", directory.resolve("hub").toString());
  }

  private VmProcess startHost(String name, boolean waits) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("-netdev", "stream,id=net0,addr.type=unix,addr.path=" + hubPath()));
    all.addAll(List.of("-device", "virtio-net-device,netdev=net0,iterative-mig=" + iterative));
    if (waits) {
      all.addAll(List.of("-incoming", "defer"));
    }
    return keep(VmProcess.start(directory, name, all));
  }

  private String hubPath() {
    return directory.resolve("hub").toString();
  }

  private void awaitGuest(VmProcess host, Probe probe) throws IOException, InterruptedException {
    if (host.console().await(guest.ready(), 0, guest.bootLimit()).isEmpty()) {
      throw new IOException("the guest did not boot; it printed: " + host.console().since(0));
    }
    if (!probe.awaitGuest(ANSWERS)) {
      throw new IOException("the guest does not answer on the network");
    }
    if (!probe.awaitReceived(probesIn(LOAD_BEFORE_MOVE), ANSWERS)) {
      throw new IOException("the guest answers too few probes");
    }
  }

  private static long probesIn(Duration time) {
    return time.toMillis() * ProbeSettings.defaults().perSecond() / 1000 / 2;
  }

  private TcpHost connect(Probe probe) throws IOException {
    byte[] mac = probe.guestMac().orElseThrow(() -> new IOException("the guest has no address"));
    return keep(new TcpHost(keep(wire("tcp")), mac, GUEST_ADDRESS));
  }

  private boolean measure(String name, VmProcess from, VmProcess to, Probe probe)
      throws IOException, InterruptedException {
    out.accept("Moving it " + name + " ...");
    ProbeWindow window = probe.mark(name);
    MigrationOutcome outcome = drive(from, to, plan());
    if (outcome.moved()) {
      awaitAnswersAfter(probe);
      window.close();
      awaitAnswersAfter(probe);
      moves.add(DemoReport.Move.of(name, outcome.source().orElseThrow(), window.report()));
    }
    return outcome.moved();
  }

  private void awaitAnswersAfter(Probe probe) throws InterruptedException {
    if (!probe.awaitReceived(probe.report().received() + PROBES_AFTER_MOVE, ANSWERS)) {
      words.add("the guest answers too few probes after the move");
    }
  }

  private MigrationPlan plan() {
    return MigrationPlan.to("tcp:127.0.0.1:0");
  }

  private MigrationOutcome drive(VmProcess from, VmProcess to, MigrationPlan plan)
      throws InterruptedException {
    MigrationOutcome outcome = new MigrationDriver(from.qmp(), to.qmp(), plan).run(progress);
    if (!outcome.moved()) {
      words.add(outcome.words());
      words.addAll(outcome.reasons());
    }
    String printed = from.console().since(0);
    heartbeat.take(printed);
    damaged |= guest.damage().matcher(printed).find();
    return outcome;
  }

  /** Moves once more, with both sides digesting RAM while the guest is stopped. */
  private boolean verify(VmProcess from) throws IOException, InterruptedException {
    out.accept("Moving it once more, comparing a digest of all memory ...");
    VmProcess to = startHost("c", true);
    MigrationOutcome outcome =
        drive(from, to, plan().withCapabilities(Map.of("x-verify-ram", true)));
    if (outcome.moved() && to.console().await(guest.beat(), 0, ANSWERS).isPresent()) {
      heartbeat.take(to.console().since(0));
      damaged |= guest.damage().matcher(to.console().since(0)).find();
    }
    return outcome.moved();
  }
}
