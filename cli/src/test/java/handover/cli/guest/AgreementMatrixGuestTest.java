package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.monitor.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way in which two sides may want a network device moved: its mode on either side, to another
 * Handover or to a QEMU, over each transport, on either machine version. A guest walks from host to
 * host through all cells; where it is refused it stays and runs on.
 */
@Tag("guest")
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
class AgreementMatrixGuestTest {
  private static final String DEVICE = "virtio-mmio@0000000010008000/virtio-net";
  private static final List<String> MODES = List.of("on", "auto", "off");

  /** The host's own, whose stream is written. */
  private static final QemuVersion QEMU = QemuVersion.QEMU_7_2;

  /** What comes of it, row by row the source's mode, in it the destination's: on, auto, off. */
  private static final Map<String, List<String>> BETWEEN_HANDOVERS =
      Map.of(
          "virt-1.1 on", List.of("early", "early", "refused"),
          "virt-1.1 auto", List.of("early", "early", "classic"),
          "virt-1.1 off", List.of("refused", "classic", "classic"),
          "virt-1.0 on", List.of("early", "refused", "refused"),
          "virt-1.0 auto", List.of("refused", "classic", "classic"),
          "virt-1.0 off", List.of("refused", "classic", "classic"));

  enum Transport {
    TCP,
    UNIX,
    FILE
  }

  /** One cell; {@code to} is a mode, or {@code qemu}. */
  record Cell(String version, Transport transport, String from, String to) {
    boolean toQemu() {
      return to.equals("qemu");
    }

    /** What must come of it: early, classic or refused. */
    String expected() {
      if (transport == Transport.FILE) {
        // Nobody answers, so each side goes by its own mode.
        return from.equals("on") || to.equals("on") ? "refused" : "classic";
      }
      return toQemu()
          ? from.equals("on") ? "refused" : "classic"
          : BETWEEN_HANDOVERS.get(version + " " + from).get(MODES.indexOf(to));
    }

    /** The mode as its owner reports it: an old machine's auto is off. */
    String reported(String mode) {
      return version.equals("virt-1.0") && mode.equals("auto") ? "off" : mode;
    }
  }

  @TempDir static Path folder;

  private final Map<String, Host> waiting = new HashMap<>();
  private MovingGuest guest;
  private String at = "";
  private int files;

  /** All cells, in an order in which the guest mostly is where the next one begins. */
  static Set<Cell> cells() {
    Set<Cell> cells = new LinkedHashSet<>();
    for (Transport socket : List.of(Transport.TCP, Transport.UNIX)) {
      walk(cells, "virt-1.1", socket, "on on auto auto off off auto on");
    }
    walk(cells, "virt-1.1", Transport.FILE, "on");
    walk(cells, "virt-1.1", Transport.FILE, "auto auto off off auto");
    for (Transport each : Transport.values()) {
      walk(cells, "virt-1.0", each, each == Transport.FILE ? "on" : "on on");
    }
    for (Transport each : Transport.values()) {
      walk(cells, "virt-1.0", each, "auto auto off off auto");
    }
    return cells;
  }

  /** At each stop first what leaves the guest there, then the step to the next. */
  private static void walk(Set<Cell> cells, String version, Transport transport, String stops) {
    List<String> modes = List.of(stops.split(" ", -1));
    for (int i = 0; i < modes.size(); i++) {
      String from = modes.get(i);
      cells.add(new Cell(version, transport, from, "qemu"));
      for (String to : MODES) {
        Cell cell = new Cell(version, transport, from, to);
        if (cell.expected().equals("refused")) {
          cells.add(cell);
        }
      }
      if (i + 1 < modes.size()) {
        cells.add(new Cell(version, transport, from, modes.get(i + 1)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void agreesOrRefusesInWords(Cell cell) throws IOException, InterruptedException {
    bringTo(cell.version(), cell.from());
    if (cell.toQemu()) {
      toQemu(cell);
    } else if (cell.transport() == Transport.FILE) {
      throughAFile(cell);
    } else if (cell.expected().equals("refused")) {
      refused(cell);
    } else {
      moves(cell);
    }
  }

  /** The table is complete: no cell was left out of the walk. */
  @org.junit.jupiter.api.Test
  void everyCellIsWalked() {
    List<String> peers = new ArrayList<>(MODES);
    peers.add("qemu");
    List<Cell> all = new ArrayList<>();
    for (String version : List.of("virt-1.0", "virt-1.1")) {
      for (Transport transport : Transport.values()) {
        MODES.forEach(f -> peers.forEach(t -> all.add(new Cell(version, transport, f, t))));
      }
    }
    assertThat(cells()).containsExactlyInAnyOrderElementsOf(all);
  }

  // ---- To another Handover

  private void refused(Cell cell) throws IOException, InterruptedException {
    Host destination = destination(cell);
    assertThat(guest.refusedBy(destination, uri(cell, destination)))
        .contains(
            "%s.iterative-mig: %s on the source, %s on the destination"
                .formatted(DEVICE, cell.reported(cell.from()), cell.reported(cell.to())));
    staysWithNothingMoved();
  }

  private void moves(Cell cell) throws IOException, InterruptedException {
    Host destination = destination(cell);
    waiting.values().remove(destination);
    Host source = guest.host();
    source.capability("x-verify-ram", true);
    destination.capability("x-verify-ram", true);
    source.capability("x-rehearse", false); // How long the guest stands still is not asked here.
    source.migrate(uri(cell, destination));
    Json.Obj sent = source.awaitEnd(destination);
    assertThat(sent.text("status")).as(Host.describe(source, destination)).contains("completed");
    destination.awaitStatus("running", source);
    assertForm(cell, sent);
    arrivedAt(cell, destination);
  }

  private void throughAFile(Cell cell) throws IOException, InterruptedException {
    Path file = folder.resolve("guest" + files++);
    Host source = guest.host();
    source.migrate("file:" + file);
    Json.Obj sent = source.awaitEnd();
    if (cell.from().equals("on")) {
      assertThat(sent.text("error-desc").orElse(""))
          .contains(DEVICE + ".iterative-mig: on on the source, unknown (a file cannot be asked)");
      assertThat(file).isEmptyFile();
      staysWithNothingMoved();
      return;
    }
    assertThat(sent.text("status")).as(source.describe()).contains("completed");
    Host destination = destination(cell);
    destination.listen("file:" + file);
    Json.Obj received = destination.awaitEnd();
    if (cell.to().equals("on")) {
      assertThat(received.text("error-desc").orElse(""))
          .contains(DEVICE + ".iterative-mig: absent", "on the source, on on the destination");
      assertThat(destination.status()).isEqualTo("inmigrate");
      goesOnHere();
    } else {
      waiting.values().remove(destination);
      destination.awaitStatus("running");
      assertForm(cell, sent);
      arrivedAt(cell, destination);
    }
    Files.delete(file);
  }

  private void arrivedAt(Cell cell, Host destination) throws InterruptedException {
    guest.arrivedAt(destination);
    at = cell.version() + " " + cell.to();
    assertForm(cell, destination.migration());
    guest.runsOn();
  }

  private static void assertForm(Cell cell, Json.Obj migration) {
    assertThat(DeviceTable.of(migration).iterative("virtio-net"))
        .as("whether the device went early: %s", migration)
        .isEqualTo(cell.expected().equals("early"));
  }

  // ---- To a QEMU

  /** What is forced is refused before memory moves. The rest goes classic, and comes back. */
  private void toQemu(Cell cell) throws IOException, InterruptedException {
    assumeTrue(QEMU.program(new StringBuilder()).isPresent(), "needs qemu-system-riscv64");
    Host source = guest.host();
    Host qemu = guest.qemu(QEMU);
    boolean file = cell.transport() == Transport.FILE;
    Path stream = folder.resolve("guest" + files++);
    source.migrate(file ? "file:" + stream : waitAt(qemu, cell));
    Json.Obj sent = source.awaitEnd(qemu);
    if (cell.from().equals("on")) {
      assertThat(sent.text("error-desc").orElse(""))
          .as("%s; %s", sent, qemu.describe())
          .contains(DEVICE + ".iterative-mig: on on the source, ")
          .containsPattern("(unknown|absent|refused) \\(.*\\) on the destination");
      staysWithNothingMoved();
      qemu.close();
      return;
    }
    assertThat(sent.text("status")).as(Host.describe(source, qemu)).contains("completed");
    assertThat(DeviceTable.of(sent).iterative("virtio-net")).as("early to a QEMU").isFalse();
    if (file) {
      qemu.listen(QEMU.fromFile(stream));
    }
    qemu.awaitStatus("running", source);
    assertThat(source.status()).as("not on both").isEqualTo("postmigrate");
    guest.arrivedIn(qemu);
    guest.runsOn();
    fromQemu(cell, qemu);
    Files.deleteIfExists(stream);
  }

  /** A destination that insists refuses; the one that is like the source before takes it. */
  private void fromQemu(Cell cell, Host qemu) throws IOException, InterruptedException {
    if (cell.transport() != Transport.FILE) {
      qemu.capability("return-path", true);
    }
    if (cell.from().equals("auto") && cell.transport() == Transport.TCP) {
      Host insisting = guest.destination(hardware(cell.version(), "on"));
      qemu.migrate(waitAt(insisting, cell));
      assertThat(qemu.awaitEnd(insisting).text("status")).contains("failed");
      assertThat(insisting.awaitEnd().text("error-desc").orElse(""))
          .contains(DEVICE + ".iterative-mig: absent", "on the source, on on the destination");
      insisting.close();
      guest.runsOn();
    }
    Host back = guest.destination(hardware(cell.version(), cell.from()));
    if (cell.transport() == Transport.FILE) {
      Path stream = folder.resolve("guest" + files++);
      qemu.migrate(QEMU.toFile(stream));
      assertThat(qemu.awaitEnd().text("status")).as(qemu.describe()).contains("completed");
      back.listen("file:" + stream);
    } else {
      qemu.migrate(waitAt(back, cell));
    }
    back.awaitStatus("running", qemu);
    guest.arrivedAt(back);
    assertThat(DeviceTable.of(back.migration()).iterative("virtio-net")).isFalse();
    guest.runsOn();
  }

  private String waitAt(Host host, Cell cell) {
    host.listen(
        cell.transport() == Transport.TCP
            ? "tcp:127.0.0.1:0"
            : "unix:" + folder.resolve("m" + files++));
    return host.listening();
  }

  // ---- The guest

  private void staysWithNothingMoved() throws InterruptedException {
    Json.Obj ram = guest.host().migration().object("ram").orElse(Json.Obj.EMPTY);
    assertThat(ram.whole("normal").orElse(0)).as("pages sent").isZero();
    guest.runsOn();
  }

  /** A file was written and not loaded: the guest is still whole where it was. */
  private void goesOnHere() throws InterruptedException {
    guest.host().ask("cont");
    guest.runsOn();
  }

  private void bringTo(String version, String mode) throws IOException, InterruptedException {
    String wanted = version + " " + mode;
    if (guest != null && (!at.equals(wanted) || !guest.alive())) {
      guest.close();
      guest = null;
      waiting.clear();
    }
    if (guest == null) {
      guest = MovingGuest.boot(hardware(version, mode), "dirty=10 dirty-region=16 beat=50");
      at = wanted;
    }
  }

  private static Hardware hardware(String version, String mode) {
    return Hardware.usual()
        .with("-m", QemuVersion.memory(64))
        .with("-M", version)
        .withNetwork("iterative-mig", mode)
        .peerOf(QEMU);
  }

  /** One that has refused is asked again: the next may suit it. */
  private Host destination(Cell cell) throws IOException, InterruptedException {
    String key = cell.version() + " " + cell.to() + " " + cell.transport();
    Host known = waiting.get(key);
    if (known == null) {
      known = guest.destination(hardware(cell.version(), cell.to()));
      waiting.put(key, known);
    }
    return known;
  }

  private String uri(Cell cell, Host destination) {
    return destination.migration().array("socket-address").isEmpty()
        ? waitAt(destination, cell)
        : destination.listening();
  }

  @AfterAll
  void closeGuest() throws IOException {
    if (guest != null) {
      guest.close();
    }
  }
}
