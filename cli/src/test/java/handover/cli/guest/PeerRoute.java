package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.diagnosis.check.Difference;
import handover.diagnosis.check.MachineCheck;
import handover.diagnosis.check.Outcome;
import handover.lab.Probe;
import handover.lab.ProbeSettings;
import handover.lab.SerialConsole;
import handover.lab.TcpConversation;
import handover.lab.TcpHost;
import handover.lab.VmProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import handover.monitor.json.Json;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A guest's way from machine to machine, ours and QEMU's in turn, on one wire with a probe and a
 * TCP connection.
 */
final class PeerRoute implements AutoCloseable {
  /** Where a guest is moved through. */
  enum Way {
    TCP,
    UNIX,
    FILE
  }

  /** How the network device is attached. */
  enum Attachment {
    MODERN("virtio-mmio, modern", "device"),
    LEGACY("virtio-mmio, legacy", "device"),
    PCI("virtio-pci", "pci"),
    /** Domains of an APLIC in the PLIC's place. */
    LEGACY_APLIC("virtio-mmio, legacy, aia=aplic", "device", "aplic", true),
    /** MSI-X into interrupt files. */
    PCI_IMSIC("virtio-pci, aia=aplic-imsic", "pci", "aplic-imsic", false);

    final String words;
    private final String bus;
    private final String aia;
    private final boolean legacy;

    Attachment(String words, String bus) {
      this(words, bus, "none", words.contains("legacy"));
    }

    Attachment(String words, String bus, String aia, boolean legacy) {
      this.words = words;
      this.bus = bus;
      this.aia = aia;
      this.legacy = legacy;
    }

    /** After {@code -M}, in both programs. */
    String board() {
      return "virt,aia=" + aia;
    }

    boolean legacy() {
      return legacy;
    }

    boolean pci() {
      return bus.equals("pci");
    }

    /** The driver's name after {@code -device}. */
    String driver(String kind) {
      return "virtio-" + kind + "-" + bus;
    }
  }

  private static final Duration BOOT = Duration.ofMinutes(4);
  private static final int GUEST_ADDRESS = 0x0a00_020f;
  private static final int DISK_BYTES = 4 << 20;
  private static final int ROM_BYTES = 200_000;

  private final Path folder;
  private final int harts;
  private final Attachment attachment;
  private final List<String> parts;
  private final Pattern beat;
  private final LearningSwitch hub = new LearningSwitch();
  private final List<Netdev> wires = new ArrayList<>();
  private final List<Host> hosts = new ArrayList<>();
  private final Probe probe;
  private Optional<TcpHost> tcp = Optional.empty();
  private Optional<QemuVersion> here = Optional.empty();
  private Host host;
  private long lastBeat;
  private int marks;

  /**
   * @param parts options that both programs understand: memory, what to boot
   * @param beat its heartbeat; group 1 is the number
   */
  PeerRoute(Path folder, Attachment attachment, int harts, List<String> parts, Pattern beat)
      throws IOException {
    this.folder = folder;
    this.harts = harts;
    this.attachment = attachment;
    this.parts = parts;
    this.beat = beat;
    hub.listen(UnixDomainSocketAddress.of(folder.resolve("hub")));
    probe = new Probe(wire("probe"), ProbeSettings.defaults().withPerSecond(100));
    writeRandom("disk", DISK_BYTES);
    writeRandom("rom", ROM_BYTES);
  }

  /** Boots the guest in QEMU. */
  void bootIn(QemuVersion version, Pattern ready) throws IOException, InterruptedException {
    // It waits until its serial line is read: what is printed before is lost.
    host = qemu(version, List.of("-S"));
    here = Optional.of(version);
    host.ask("cont");
    assertThat(host.process().console().await(ready, 0, BOOT))
        .as("%s on the serial line; %s", ready, host.describe())
        .isPresent();
    awaitLife();
  }

  /** Opens a connection to the guest's echo service, which has to live from now on. */
  void connect() throws IOException {
    tcp = Optional.of(new TcpHost(wire("tcp"), probe.guestMac().orElseThrow(), GUEST_ADDRESS));
  }

  /** Moves the guest from a QEMU to us, who will write that QEMU's stream or another's. */
  void toHandover(QemuVersion stream, Way way) throws IOException, InterruptedException {
    QemuVersion from = here.orElseThrow();
    move(handover(stream), way, from.toFile(file()), "file:" + file());
    here = Optional.empty();
    note(from, "QEMU → Handover", way, "runs on");
  }

  /** Moves the guest from us to a QEMU. */
  void toQemu(QemuVersion version, Way way) throws IOException, InterruptedException {
    move(
        qemu(version, List.of("-incoming", "defer")),
        way,
        "file:" + file(),
        version.fromFile(file()));
    here = Optional.of(version);
    note(version, "Handover → QEMU", way, "runs on");
  }

  /** Moves the guest from a QEMU to one of another release: into a file, translated, out of it. */
  void translatedTo(QemuVersion version) throws IOException, InterruptedException {
    QemuVersion from = here.orElseThrow();
    Host next = qemu(version, List.of("-incoming", "defer"));
    Path translated = folder.resolve("translated");
    moveThroughFile(next, from.toFile(file()), translation(version, translated));
    arrivedAt(next);
    here = Optional.of(version);
    note(version, "QEMU " + from.number() + " → QEMU", Way.FILE, "translated; runs on");
  }

  /** Translates the file; the address of what came out of it. */
  private Callable<String> translation(QemuVersion version, Path translated) {
    return () -> {
      List<String> command = new ArrayList<>(VmProcess.ownLauncher());
      command.addAll(
          List.of("translate", "--to", version.stream(), file() + "", translated.toString()));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return version.fromFile(translated);
    };
  }

  /** Tries to move the guest from us to where it cannot go; it runs on here. */
  List<String> refusedBy(QemuVersion version) throws IOException, InterruptedException {
    MigrationOutcome outcome = drive(qemu(version, List.of("-incoming", "defer")), Way.UNIX);
    assertThat(outcome.moved()).isFalse();
    awaitLife();
    note(version, "Handover → QEMU", Way.UNIX, "refused before memory, in words; runs on here");
    return outcome.reasons();
  }

  private void note(QemuVersion version, String direction, Way way, String result)
      throws IOException {
    String words = way.name().toLowerCase(Locale.ROOT);
    CompatibilityTable.add(
        attachment.words, harts + "", version.number(), direction, words, result);
  }

  private void move(Host next, Way way, String write, String read)
      throws IOException, InterruptedException {
    assertThat(MachineCheck.of(host.process().qmp(), next.process().qmp()).differences())
        .as("what 'handover check' finds in a pair that works")
        .extracting(Difference::outcome)
        .isSubsetOf(Outcome.HARMLESS);
    if (way == Way.FILE) {
      moveThroughFile(next, write, () -> read);
    } else {
      MigrationOutcome outcome = drive(next, way);
      assertThat(outcome.moved())
          .as("%s %s%n%s", outcome.words(), outcome.reasons(), Host.describe(host, next))
          .isTrue();
    }
    arrivedAt(next);
  }

  /** From a file nobody answers, and a QEMU would wait for it. */
  private void moveThroughFile(Host next, String write, Callable<String> read)
      throws InterruptedException {
    host.capability("return-path", false);
    next.capability("return-path", false);
    host.migrate(write);
    assertThat(host.awaitEnd().text("status")).as(host.describe()).contains("completed");
    try {
      next.ask("migrate-incoming", Json.object().with("uri", read.call()).build());
    } catch (Exception e) {
      throw new AssertionError("the stream in the file", e);
    }
    next.awaitStatus("running", host);
  }

  private void arrivedAt(Host next) throws InterruptedException {
    lastBeat = newestBeat(host);
    host.close();
    host = next;
    awaitLife();
  }

  private MigrationOutcome drive(Host next, Way way) throws InterruptedException {
    String uri = way == Way.TCP ? "tcp:127.0.0.1:0" : "unix:" + folder.resolve("m" + hosts.size());
    MigrationPlan plan =
        MigrationPlan.to(uri)
            .withPatience(Host.LIMIT)
            .withCapabilities(Map.of("return-path", true));
    return new MigrationDriver(host.process().qmp(), next.process().qmp(), plan).run(p -> {});
  }

  /** Timers work, the network works, memory is whole, the connection lives. */
  private void awaitLife() throws InterruptedException {
    host.awaitConsole(Pattern.compile(beat + "[^\n]*\n(?s:.*?)" + beat), 0);
    assertThat(newestBeat(host)).as("beats go on; %s", host.describe()).isGreaterThan(lastBeat);
    assertThat(host.process().console().since(0))
        .doesNotContainPattern("CORRUPT|corrupt=[1-9]|TRAP|Oops");
    assertThat(probe.awaitReceived(probe.report().received() + 20, Host.LIMIT))
        .as("probes answered; %s", host.describe())
        .isTrue();
    if (tcp.isPresent()) {
      long before = tcp.get().report().linesEchoed();
      Waiting.until(
          "the connection to go on; " + host.describe(),
          () -> tcp.get().report().linesEchoed() > before + 5);
      assertThat(tcp.get().report().status()).isEqualTo(TcpConversation.Status.TALKING);
    }
  }

  /**
   * Runs a command line in the guest's shell, which has to be Linux's.
   *
   * @return what it printed, without the heartbeat
   */
  String shell(String command) throws IOException, InterruptedException {
    String mark = "MARK" + ++marks;
    SerialConsole console = host.process().console();
    int from = console.position();
    // The shell's echo of what is typed has the quotes.
    console.type("echo BE\"\"GIN; " + command + "; echo " + mark + "=$?\n");
    Pattern end = Pattern.compile("(?s)BEGIN\r?\n(.*)\n" + mark + "=0");
    Matcher printed =
        console
            .await(end, from, Host.LIMIT)
            .orElseThrow(() -> new AssertionError("'%s': %s".formatted(command, host.describe())));
    return printed
        .group(1)
        .replace("\r", "")
        .lines()
        .filter(line -> !line.contains("agent: "))
        .collect(Collectors.joining("\n"));
  }

  private long newestBeat(Host of) {
    Matcher beats = beat.matcher(of.process().console().since(0));
    long newest = 0;
    while (beats.find()) {
      newest = Long.parseLong(beats.group(1));
    }
    return newest;
  }

  private Host qemu(QemuVersion version, List<String> more)
      throws IOException, InterruptedException {
    StringBuilder why = new StringBuilder();
    List<String> program = new ArrayList<>(version.program(why).orElseThrow());
    program.addAll(List.of("-M", attachment.board(), "-cpu", version.cpu()));
    program.addAll(List.of("-global", "virtio-mmio.force-legacy=" + attachment.legacy()));
    String rom = attachment.pci() ? version.optionRom(folder.resolve("rom")) : "";
    return start("q" + version.number(), program, "server=off,", rom, more);
  }

  private Host handover(QemuVersion stream) throws IOException, InterruptedException {
    List<String> program = new ArrayList<>(VmProcess.ownLauncher());
    String legacy = attachment.legacy() ? "on" : "off";
    program.addAll(
        List.of(
            "vm",
            "-M",
            "%s,stream=%s,virtio-mmio-legacy=%s"
                .formatted(attachment.board(), stream.stream(), legacy)));
    return start("h", program, "", "," + Hardware.QUIET_CARD, List.of("-incoming", "defer"));
  }

  private Host start(String kind, List<String> program, String side, String card, List<String> more)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(parts);
    options.addAll(
        List.of(
            "-netdev",
            "stream,id=n,%saddr.type=unix,addr.path=%s".formatted(side, folder.resolve("hub")),
            "-device",
            attachment.driver("net") + ",netdev=n,mac=52:54:00:12:34:56" + card,
            "-drive",
            "id=d,if=none,format=raw,file=" + folder.resolve("disk"),
            "-device",
            attachment.driver("blk") + ",drive=d",
            "-device",
            attachment.driver("rng"),
            "-smp",
            harts + ""));
    options.addAll(more);
    String name = kind + "-" + hosts.size();
    Host started = new Host(name, VmProcess.start(folder, name, program, options));
    hosts.add(started);
    return started;
  }

  private void writeRandom(String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    Files.write(folder.resolve(name), content);
  }

  private Path file() {
    return folder.resolve("stream");
  }

  private Netdev wire(String id) throws IOException {
    List<String> problems = new ArrayList<>();
    Map<String, String> properties =
        Map.of("id", id, "addr.type", "unix", "addr.path", folder.resolve("hub").toString());
    Netdev wire =
        new Netdevs()
            .open("stream", properties, problems::add)
            .orElseThrow(() -> new IOException(String.join("; ", problems)));
    wires.add(wire);
    return wire;
  }

  @Override
  public void close() throws IOException {
    tcp.ifPresent(TcpHost::close);
    probe.close();
    hosts.forEach(Host::close);
    wires.forEach(Netdev::close);
    hub.close();
  }
}
