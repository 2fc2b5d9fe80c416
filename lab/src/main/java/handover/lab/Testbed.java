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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A guest that can be moved between processes, and the probe that watches it: hosts are processes
 * of their own, joined by a learning switch in this one, on which the probe sits.
 */
final class Testbed implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Testbed.class.getName());
  private static final Duration ANSWERS = Duration.ofSeconds(20);

  /**
   * How the guest is networked.
   *
   * @param pairs queue pairs of its device
   * @param iterative the device's {@code iterative-mig}
   * @param more further options of its hosts
   * @param rate probes a second
   */
  record Network(NetworkBackend backend, int pairs, String iterative, List<String> more, int rate) {
    /** One queue pair, probed at the usual rate. */
    static Network plain(String iterative) {
      int rate = ProbeSettings.defaults().perSecond();
      return new Network(NetworkBackend.USER, 1, iterative, List.of(), rate);
    }
  }

  /**
   * A move and how it went.
   *
   * @param move if the guest was moved
   * @param answered whether the guest answered as it should afterwards
   */
  record Measured(MigrationOutcome outcome, Optional<Move> move, boolean answered) {}

  private final DemoGuest guest;
  private final Network network;
  private final ProbeSettings settings;
  private final Path directory;
  private final List<String> options;
  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
  private final Map<String, DpdkPeer> peers = new HashMap<>();
  private final Probe probe;

  /** An experiment that is interrupted leaves no process behind. */
  private final Thread lastHook = new Thread(this::endProcesses, "testbed-end");

  /**
   * Prepares everything but the hosts.
   *
   * @param words appended to the guest's command line
   * @param out hears what takes long
   */
  Testbed(DemoGuest guest, Network network, String words, Consumer<String> out) throws IOException {
    this.guest = guest;
    this.network = network;
    this.settings = ProbeSettings.defaults().withPerSecond(network.rate());
    this.directory = Files.createTempDirectory("handover");
    Runtime.getRuntime().addShutdownHook(lastHook);
    try {
      this.options = guest.prepare(directory, words, out);
      LearningSwitch hub = keep(new LearningSwitch());
      hub.listen(UnixDomainSocketAddress.of(hubPath()));
      this.probe = keep(new Probe(wire("probe"), settings));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The probe, which is asking from the start. */
  Probe probe() {
    return probe;
  }

  /** Something to be closed with the test bed, before all that is older. */
  <T extends AutoCloseable> T keep(T opened) {
    open.add(opened);
    return opened;
  }

  /** Another end of the network. */
  Netdev wire(String id) throws IOException {
    List<String> problems = new ArrayList<>();
    Map<String, String> properties = Map.of("id", id, "addr.type", "unix", "addr.path", hubPath());
    return keep(
        new Netdevs()
            .open("stream", properties, problems::add)
            .orElseThrow(() -> new IOException(String.join("; ", problems))));
  }

  /** Starts the guest, and waits until it has answered probes for {@code load}. */
  VmProcess boot(String name, Duration load) throws IOException, InterruptedException {
    VmProcess host = start(name, List.of());
    if (host.console().await(guest.ready(), 0, guest.bootLimit()).isEmpty()) {
      throw new IOException("the guest did not boot; it printed: " + host.console().since(0));
    }
    if (!probe.awaitGuest(ANSWERS)) {
      throw new IOException("the guest does not answer on the network");
    }
    if (!probe.awaitReceived(probes(load) / 2, ANSWERS)) {
      throw new IOException("the guest answers too few probes");
    }
    return host;
  }

  /** Starts a host that a guest can be moved to. */
  VmProcess incoming(String name) throws IOException, InterruptedException {
    return start(name, List.of("-incoming", "defer"));
  }

  /** Ends a host that is not needed any more, and what served it. */
  void retire(VmProcess host) throws IOException {
    open.remove(host);
    host.close();
    DpdkPeer peer = peers.remove(host.name());
    if (peer != null) {
      open.remove(peer);
      peer.close();
    }
  }

  /** Moves the guest. */
  MigrationOutcome move(
      VmProcess from, VmProcess to, MigrationPlan plan, Consumer<MigrationProgress> progress)
      throws InterruptedException {
    return new MigrationDriver(from.qmp(), to.qmp(), plan).run(progress);
  }

  /** Moves the guest, and waits until the probe knows what became of every frame. */
  Measured measure(
      String name,
      VmProcess from,
      VmProcess to,
      MigrationPlan plan,
      Consumer<MigrationProgress> progress)
      throws InterruptedException {
    ProbeWindow window = probe.mark(name);
    MigrationOutcome outcome = move(from, to, plan, progress);
    boolean answered = outcome.moved() && awaitAnswers();
    window.close();
    answered = answered && awaitAnswers() && probe.awaitOvertaking(ANSWERS);
    Optional<Move> move =
        outcome.source().filter(s -> outcome.moved()).map(s -> Move.of(name, s, window.report()));
    return new Measured(outcome, move, answered);
  }

  /** Where the destination listens: a port of its own choice. */
  static MigrationPlan plan() {
    return MigrationPlan.to("tcp:127.0.0.1:0");
  }

  private void endProcesses() {
    for (AutoCloseable each : List.copyOf(open)) {
      switch (each) {
        case VmProcess host -> host.process().destroyForcibly();
        case DpdkPeer peer -> peer.end();
        default -> {}
      }
    }
  }

  @Override
  public void close() throws IOException {
    forgetHook();
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, "closing failed", e);
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void forgetHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(lastHook);
    } catch (IllegalStateException e) {
      // It is running, and does what is left to do.
    }
  }

  private VmProcess start(String name, List<String> more) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(options);
    Path peer = directory.resolve(name + ".peer");
    if (network.backend().needsPeer()) {
      peers.put(name, keep(DpdkPeer.start(peer, network.pairs(), wire(name))));
    }
    all.addAll(network.backend().options(hubPath(), peer, network.pairs()));
    String queues = network.pairs() == 1 ? "" : ",mq=on,queues=" + network.pairs();
    all.add("-device");
    all.add("virtio-net-device,netdev=net0,iterative-mig=" + network.iterative() + queues);
    all.addAll(network.more());
    all.addAll(more);
    return keep(VmProcess.start(directory, name, all));
  }

  private String hubPath() {
    return directory.resolve("hub").toString();
  }

  private long probes(Duration time) {
    return time.toMillis() * settings.perSecond() / 1000;
  }

  /** Enough that the grace period of every probe sent so far has passed. */
  private boolean awaitAnswers() throws InterruptedException {
    long enough = probes(settings.grace()) * 5 / 4;
    return probe.awaitReceived(probe.report().received() + enough, ANSWERS);
  }
}
