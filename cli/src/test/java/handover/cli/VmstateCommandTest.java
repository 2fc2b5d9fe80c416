package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.migration.DumpComparison;
import handover.migration.StateDump;
import handover.monitor.dump.DumpReader;
import handover.monitor.dump.DumpWriter;
import handover.monitor.json.Json;
import handover.monitor.json.JsonText;
import handover.vmstate.QemuRelease;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class VmstateCommandTest {
  private static final String NET = "virtio-net-device,mac=52:54:00:00:00:01";

  @TempDir Path folder;

  private int status;
  private String errors = "";

  private String run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Commands.line();
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    status = line.execute(words);
    errors = err.toString();
    return out.toString();
  }

  private String dump(String... options) {
    List<String> words = new ArrayList<>(List.of("vmstate", "dump", "--json"));
    words.addAll(Arrays.asList(options));
    String text = run(words.toArray(String[]::new));
    assertThat(status).as(errors).isZero();
    return text;
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private String compare(String a, String b) throws IOException {
    return run("vmstate", "compare", file("a", a).toString(), file("b", b).toString());
  }

  @Test
  void printsDevicesGroupsClassesAndFields() {
    String text = run("vmstate", "dump", "-M", "virt", "-device", NET + ",mq=on,queues=4");
    assertThat(status).isZero();
    assertThat(text)
        .contains("machine virt, version virt-1.1")
        .contains("RAM block riscv_virt_board.ram, 134217728 bytes")
        .contains("section riscv_sifive_plic: ")
        .contains("/virtio-net: virtio-net version 11", "opaque 'virtio'", "iterative-mig=auto")
        .contains("  group virtio.indices, HOT")
        .contains("    last_avail_idx: uint16[], 2 × 0");
  }

  /** Iterative migration follows from the declaration, whatever the device. */
  @Test
  void everyVirtioDeviceHasGroupsOfItsOwnClasses() {
    String text =
        run(
            "vmstate",
            "dump",
            "-device",
            "virtio-rng-device",
            "-chardev",
            "socket,id=c0,path=/nowhere/hvc,server=on",
            "-device",
            "virtio-serial-device,cols=80,rows=25",
            "-device",
            "virtconsole,chardev=c0");
    assertThat(status).as(errors).isZero();
    assertThat(text)
        .contains("/virtio-rng: virtio-rng version 1", "/virtio-console: virtio-console version 3")
        .contains("  group console.identity, LIFE", "    max_nr_ports: uint32 equal, 4 = 31")
        .contains("  group console.ports, CONTROL", "    guest_connected: bool[], 1");
    assertThat(text.lines().filter(l -> l.contains("iterative-mig=auto"))).hasSize(2);
  }

  /** Whoever works the rings decides what can be offered, also where nobody is connected. */
  @Test
  void aDeviceBehindVhostUserOffersLess() throws IOException {
    String behind =
        dump(
            "-chardev",
            "socket,id=c0,path=/nowhere/vhost",
            "-netdev",
            "vhost-user,id=n0,chardev=c0",
            "-device",
            NET + ",netdev=n0");
    assertThat(compare(dump("-device", NET), behind))
        .contains("does not load", "host_features")
        .contains("from B to A: does not load");
  }

  @Test
  void readsBackWhatItWrote() {
    StateDump dump = DumpReader.read(dump("-device", NET, "-smp", "2"));
    assertThat(DumpReader.read(JsonText.of(DumpWriter.write(dump)))).isEqualTo(dump);
    assertThat(DumpComparison.of(dump, dump)).isEmpty();
  }

  /** Every release's stream is read, whatever is written. */
  @Test
  void whatIsWrittenForAnotherReleaseLoadsAllTheSame() throws IOException {
    for (String release : QemuRelease.names()) {
      String a = dump("-M", "virt,stream=" + release, "-device", NET);
      String text = compare(a, dump("-M", "virt,stream=qemu-11.1", "-device", NET));
      assertThat(status).as(text).isZero();
      assertThat(text)
          .doesNotContain("breaks")
          .contains("from A to B: loads", "from B to A: loads");
      compare(a, dump("-M", "virt,stream=qemu-11.1", "-device", NET, "-smp", "2"));
      assertThat(status).isEqualTo(1);
    }
  }

  @Test
  void theSameMachineLoads() throws IOException {
    String text = compare(dump("-device", NET), dump("-device", NET));
    assertThat(status).isZero();
    assertThat(text).contains("from A to B: loads\n", "from B to A: loads\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-m 256|RAM block riscv_virt_board.ram: A 134217728 bytes, B 268435456 bytes",
        "-M virt-1.0|machine version: A virt-1.1, B virt-1.0",
        "-smp 2|smp: A 1, B 2",
        "-cpu rv64,sv48=off|cpu: A rv64",
        "-device virtio-rng-device|virtio-rng section: A absent, B present",
      })
  void breaksBothWaysAndIsNamed(String option, String words) throws IOException {
    String[] more = option.split(" ", -1);
    String text = compare(dump("-device", NET), dump("-device", NET, more[0], more[1]));
    assertThat(status).as(text).isEqualTo(1);
    assertThat(text).contains("from A to B: does not load", words, "(both ways: breaks)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mac=52:54:00:00:00:02|mac: A 52:54:00:00:00:01, B 52:54:00:00:00:02",
        "mq=on,queues=4|[net.identity] max_queue_pairs: A 1, B 4",
        "mrg_rxbuf=off|[virtio.identity] host_features: A ",
      })
  void propertiesOfADeviceAreNamedWithItAndTheirGroup(String property, String words)
      throws IOException {
    String other =
        "virtio-net-device," + (property.startsWith("mac") ? "" : "mac=52:54:00:00:00:01,");
    String text = compare(dump("-device", NET), dump("-device", other + property));
    assertThat(status).as(text).isEqualTo(1);
    assertThat(text).containsPattern("virtio-mmio@\\d+/virtio-net .*");
    assertThat(text).contains(words);
  }

  @Test
  void modesThatCanAgreeLoadInTheClassicForm() throws IOException {
    String text = compare(dump("-device", NET), dump("-device", NET + ",iterative-mig=off"));
    assertThat(status).as(text).isZero();
    assertThat(text).contains("iterative-mig: A auto, B off (both ways: classic)");
    compare(
        dump("-device", NET + ",iterative-mig=on"), dump("-device", NET + ",iterative-mig=off"));
    assertThat(status).isEqualTo(1);
  }

  /** A declaration that changed, as another version of Handover would have it. */
  @Test
  void changedDeclarations() throws IOException {
    String ours = dump("-device", NET);
    String text = compare(ours, ours.replace("\"class\" : \"CONTROL\"", "\"class\" : \"SLOW\""));
    assertThat(text).as("a digest that belies the groups").contains("CONTROL", "SLOW");
    String wider = ours.replaceFirst("(?s)(goldfish_rtc.*?)\"uint64\"", "$1\"int64\"");
    text = compare(ours, wider);
    assertThat(status).as(text).isEqualTo(1);
    assertThat(text).contains("goldfish_rtc [", "uint64, 8 bytes", "int64, 8 bytes", "breaks");
  }

  @Test
  void aNewerVersionReadsAnOlderOne() throws IOException {
    String ours = dump();
    String older =
        ours.replaceFirst(
            "(?s)(\"name\" : \"riscv_sifive_plic\",\\s+)\"version\" : 1,\\s+\"minimum-version\" : 1",
            "$1\"version\" : 2, \"minimum-version\" : 1");
    assertThat(older).isNotEqualTo(ours);
    String text = compare(ours, older);
    assertThat(status).as(text).isEqualTo(1);
    assertThat(text)
        .contains("from A to B: loads", "from B to A: does not load")
        .contains("riscv_sifive_plic version: A ", "A to B: no matter; B to A: breaks");
  }

  @Test
  void comparisonAsJson() throws Exception {
    Path a = file("a.json", dump("-device", NET));
    Path b = file("b.json", dump("-device", NET, "-smp", "2"));
    Json.Obj report =
        (Json.Obj) JsonText.parse(run("vmstate", "compare", "--json", a + "", b + ""));
    assertThat(report.flag("loads")).contains(false);
    assertThat(report.text("a-to-b")).contains("breaks");
    assertThat(report.array("differences"))
        .anySatisfy(
            d -> {
              Json.Obj difference = (Json.Obj) d;
              assertThat(difference.text("field")).contains("smp");
              assertThat(difference.text("a")).contains("1");
              assertThat(difference.text("b")).contains("2");
            });
  }

  @Test
  void whatIsNotADumpIsRefusedInWords() throws IOException {
    compare("{}", dump());
    assertThat(status).isEqualTo(2);
    assertThat(errors).contains("not a state dump: 'format' expects a string, found nothing");
    compare("no JSON", "");
    assertThat(status).isEqualTo(2);
    run("vmstate", "compare", "/nowhere/a", "/nowhere/b");
    assertThat(status).isEqualTo(2);
    assertThat(errors).contains("cannot read /nowhere/a");
  }

  @Test
  void aMachineThatCannotBeIsRefusedInWords() {
    run("vmstate", "dump", "-device", "virtio-nett-device", "-smp", "99");
    assertThat(status).isEqualTo(2);
    assertThat(errors).contains("there is no driver 'virtio-nett-device'").contains("-smp");
  }
}
