package handover.monitor.hmp;

import static org.assertj.core.api.Assertions.assertThat;

import handover.machine.RunState;
import handover.migration.Capability;
import handover.migration.Parameter;
import handover.monitor.FakeMachine;
import handover.monitor.qmp.CommandTable;
import handover.monitor.qmp.QmpCommands;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class HumanMonitorTest {
  private final FakeMachine machine = new FakeMachine();
  private final CommandTable table = QmpCommands.of(machine, (t, line) -> line);
  private final HumanMonitor monitor = new HumanMonitor(machine, table);

  @Test
  void stopsAndGoesOn() {
    assertThat(monitor.run("info status")).isEqualTo("VM status: running\n");
    assertThat(monitor.run("stop")).isEmpty();
    assertThat(monitor.run(" info   status ")).isEqualTo("VM status: paused\n");
    machine.become(RunState.INMIGRATE);
    assertThat(monitor.run("info status")).isEqualTo("VM status: paused (inmigrate)\n");
    assertThat(monitor.run("cont")).isEqualTo("Error: the guest has not arrived yet\n");
  }

  @Test
  void migratesAndReports() throws Exception {
    assertThat(monitor.run("info migrate")).isEqualTo("No migration so far\n");
    assertThat(monitor.run("migrate -d tcp:there:4444")).isEmpty();
    assertThat(machine.fakeMigration().lastUri()).isEqualTo("tcp:there:4444");
    assertThat(monitor.run("info migrate"))
        .startsWith("Migration status: completed\ntotal time: 1235 ms\nsetup: 3 ms\n")
        .contains("downtime: 13 ms\n")
        .contains("total ram: 262144 kbytes\n")
        .contains("blackout: 9000 us\n")
        .contains("device virtio-net: iterative, early 1600 bytes (1 resent), final 40 bytes");
    machine.fakeMigration().fail("nobody listens there");
    assertThat(monitor.runAndWait("migrate tcp:there:1"))
        .contains("Migration status: failed\nerror: nobody listens there\n");
    assertThat(monitor.runAndWait("migrate rdma:x")).startsWith("Error: expected tcp:HOST:PORT");
  }

  @Test
  void looksIntoTheMachine() {
    assertThat(monitor.run("info registers")).contains(" pc           0000000080000000\n");
    assertThat(monitor.run("info registers -a")).contains("CPU#1").contains("0000000080000001");
    assertThat(monitor.run("info registers 7")).isEqualTo("Error: there are harts 0 to 1\n");
    assertThat(monitor.run("info mtree"))
        .contains("  0000000080000000-0000000080000fff (ram): main\n");
    assertThat(monitor.run("info ramblock")).contains("main").contains("0x0000000000001000");
    assertThat(monitor.run("info pci"))
        .contains("Class 0200: PCI device 1af4:1000 (virtio-net-pci)")
        .contains("BAR4: 64 bit memory at 0x140000000");
    assertThat(monitor.run("info roms"))
        .contains("addr=0000000080000000")
        .contains("-kernel Image");
    assertThat(monitor.run("info block")).isEqualTo("d0: disk.img (raw)\n");
    assertThat(monitor.run("info chardev")).contains("c0: filename=null").contains("serial0");
  }

  @Test
  void dumpsMemory() {
    assertThat(monitor.run("xp/2xw 0x80000010"))
        .isEqualTo("0000000080000010: 0x13121110 0x17161514\n");
    assertThat(monitor.run("xp /1xg 0x80000000")).contains("0x0706050403020100");
    assertThat(monitor.run("x/2c 0x41")).isEqualTo("0000000000000041: 'A' 'B'\n");
    assertThat(monitor.run("x/1db 0xff")).endsWith(": -1\n");
    assertThat(monitor.run("x 0x5000")).isEqualTo("Error: Cannot access memory at 0x5000\n");
    assertThat(monitor.run("xp/9999999xg 0")).startsWith("Error: '/9999999xg': expected");
    assertThat(monitor.run("xp/300000xg 0")).isEqualTo("Error: at most 1 MiB at once\n");
  }

  @Test
  void shortNamesAndWhatIsNotHere() {
    assertThat(monitor.run("s")).isEmpty();
    assertThat(monitor.run("info status")).isEqualTo("VM status: paused\n");
    assertThat(monitor.run("c")).isEmpty();
    assertThat(monitor.run("?")).isEqualTo(monitor.run("help"));
    assertThat(monitor.run("device_add virtio-net-pci"))
        .isEqualTo(
            "Error: no 'device_add' here: devices are not plugged while the machine runs: give"
                + " -device when it starts\n");
    assertThat(monitor.run("savevm tag")).contains("migrate file:PATH keeps the whole machine");
    assertThat(monitor.run("info snapshots")).contains("no snapshots in disk images");
    assertThat(monitor.run("system_rest")).contains("system_reset");
  }

  @Test
  void knowsWhatTheNextWordMayBe() {
    assertThat(monitor.completions(List.of())).contains("cont", "info", "migrate_set_capability");
    assertThat(monitor.completions(List.of("info"))).contains("status", "migrate_parameters");
    assertThat(monitor.completions(List.of("help"))).contains("cont", "info");
    assertThat(monitor.completions(List.of("migrate_set_capability"))).contains("virtio-iterative");
    assertThat(monitor.completions(List.of("migrate_set_capability", "virtio-iterative")))
        .containsExactly("on", "off");
    assertThat(monitor.completions(List.of("stop"))).isEmpty();
    assertThat(monitor.completions(List.of("nonsense", "more"))).isEmpty();
  }

  @Test
  void setsCapabilitiesAndParameters() {
    assertThat(monitor.run("migrate_set_capability virtio-iterative off")).isEmpty();
    assertThat(machine.migration().settings().enabled(Capability.VIRTIO_ITERATIVE)).isFalse();
    assertThat(monitor.run("info migrate_capabilities")).contains("virtio-iterative: off\n");
    assertThat(monitor.run("migrate_set_parameter max-bandwidth 64M")).isEmpty();
    assertThat(machine.migration().settings().value(Parameter.MAX_BANDWIDTH)).isEqualTo(64 << 20);
    assertThat(monitor.run("info migrate_parameters"))
        .contains("downtime-limit: 300 ms\n", "max-bandwidth: 67108864 bytes/s\n");
    assertThat(monitor.run("migrate_set_parameter downtime-limt 3"))
        .isEqualTo("Error: unknown parameter: 'downtime-limt'; did you mean 'downtime-limit'?\n");
    assertThat(monitor.run("migrate_set_parameter max-bandwidth 9999999999G"))
        .contains("does not fit");
    assertThat(monitor.run("migrate_set_capability events maybe")).contains("expected on or off");
  }

  @Test
  void namesTheNearestCommand() {
    assertThat(monitor.run("migrat tcp:x:1"))
        .isEqualTo("Error: unknown command: 'migrat'; did you mean 'migrate'?; try 'help'\n");
    assertThat(monitor.run("info statu")).contains("did you mean 'status'?");
    assertThat(monitor.run("stop now")).contains("takes 0 arguments, got 1");
    assertThat(monitor.run("x".repeat(5000))).contains("a line may have 4096");
    assertThat(monitor.run("")).isEmpty();
  }

  @Test
  void helpsFromTheDeclarations() {
    for (Capability c : Capability.values()) {
      assertThat(monitor.run("help migrate_set_capability")).contains(c.wireName());
    }
    assertThat(monitor.run("help"))
        .contains("migrate [-d] uri -- sends the machine", "info [topic] -- ")
        .doesNotContain("info status");
    assertThat(monitor.run("info")).contains("info qtree -- ", "info migrate_parameters -- ");
    assertThat(monitor.run("help nothing")).startsWith("Error: unknown command");
  }

  @Test
  void showsTheMachine() {
    assertThat(monitor.run("info network")).isEqualTo("n0: stream, connected to /tmp/hub.sock\n");
    assertThat(monitor.run("info qtree"))
        .startsWith("bus: main-system-bus\n  type System\n  dev: virtio-mmio, id \"\"\n")
        .contains("    bus: virtio-mmio-bus.7\n", "      dev: virtio-net-device, id \"net0\"\n")
        .contains("        mac = \"52:54:00:12:34:56\"\n");
    assertThat(monitor.run("info name")).isEqualTo("fake\n");
    assertThat(monitor.run("info uuid")).isEqualTo("00000000-0000-0001-0000-000000000002\n");
    assertThat(monitor.run("info version")).startsWith("Handover ");
    assertThat(monitor.run("info cpus")).contains("CPU #1: ");
  }

  @Test
  void servesLinesFromAStreamWhateverIsInThem() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] typed =
        ("stop\r\n\u0000\u0007info status\r\n" + "y".repeat(10_000) + "\ninfo name")
            .getBytes(StandardCharsets.ISO_8859_1);
    new HumanSession(monitor, new ByteArrayInputStream(typed), out).serve();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("(handover) (handover) VM status: paused\r\n(handover) Error: unknown command")
        .endsWith("(handover) ");
  }

  @Test
  void splitsWords() {
    assertThat(HumanMonitor.words(" migrate  \"unix:/tmp/a b\"\tx \"\""))
        .containsExactly("migrate", "unix:/tmp/a b", "x", "");
  }
}
