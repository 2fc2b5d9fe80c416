package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.diagnosis.QemuProcess;
import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import handover.monitor.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real pairs of QEMUs that were measured: where the migration broke, the check has to say so, and
 * how; where it worked, it has to be silent. {@code -Dhandover.qemu=PROGRAM} takes another QEMU
 * than the host's; what that one does not know is skipped by name.
 */
final class MisconfigurationTest {
  static final String QEMU = System.getProperty("handover.qemu", "qemu-system-riscv64");
  private static final String USER = "-netdev user,id=n0";
  private static final String NIC = "-device virtio-net-pci,netdev=n0";
  static final String BASE = "-M virt -m 64 -bios none %s %s".formatted(USER, NIC);

  /** What the destination is started with, and how the migration ended when it was measured. */
  static List<Arguments> machines() {
    return List.of(
        machine("the same", BASE, Outcome.HARMLESS),
        machine("no virtio-net", "-M virt -m 64 -bios none " + USER, Outcome.FAILURE),
        machine("other slot", BASE + ",addr=5", Outcome.FAILURE),
        machine("RAM 32", BASE.replace("-m 64", "-m 32"), Outcome.FAILURE),
        machine("RAM 128", BASE.replace("-m 64", "-m 128"), Outcome.FAILURE),
        machine("mrg_rxbuf=off", BASE + ",mrg_rxbuf=off", Outcome.LOST),
        machine("mac differs", BASE + ",mac=52:54:00:11:22:33", Outcome.HARMLESS),
        machine("mq=on vectors=3", BASE + ",mq=on,vectors=3", Outcome.LOST),
        machine("another netdev and mq", other(",mq=on,vectors=18"), Outcome.LOST),
        machine("rx_queue_size=512", BASE + ",rx_queue_size=512", Outcome.HARMLESS),
        machine("virtio-net-device", BASE.replace("net-pci", "net-device"), Outcome.FAILURE),
        machine("romfile= empty", BASE + ",romfile=", Outcome.FAILURE),
        machine(
            "extra virtio-net",
            BASE + " -netdev user,id=n1 -device virtio-net-pci,netdev=n1",
            Outcome.HARMLESS),
        machine("another netdev than user", other(""), Outcome.LOST),
        machine("-smp 2", BASE + " -smp 2", Outcome.LOST),
        machine("aia=aplic", BASE.replace("virt ", "virt,aia=aplic "), Outcome.LOST),
        machine("acpi=off", BASE.replace("virt ", "virt,acpi=off "), Outcome.FAILURE),
        machine("cpu v=true", BASE + " -cpu rv64,v=true", Outcome.HARMLESS),
        machine("cpu h=false", BASE + " -cpu rv64,h=false", Outcome.HARMLESS),
        machine("cpu max", BASE + " -cpu max", Outcome.HARMLESS),
        machine("-M spike", "-M spike -m 64 -bios none", Outcome.FAILURE));
  }

  /** A back end without state of its own, as tap is; a tap would need root. */
  private static String other(String properties) {
    return BASE.replace("user,id", "hubport,hubid=0,id") + properties;
  }

  private static Arguments machine(String name, String options, Outcome measured) {
    return Arguments.of(name, options, measured);
  }

  @TempDir static Path folder;
  private static final List<QemuProcess> RUNNING = new ArrayList<>();
  private static QmpClient source;
  private static QmpClient twin;

  @BeforeAll
  static void startBoth() throws Exception {
    source = start(BASE).connect();
    twin = start(BASE + " -incoming defer").connect();
  }

  @AfterAll
  static void endAll() {
    RUNNING.forEach(QemuProcess::close);
  }

  private static QemuProcess start(String options) throws IOException {
    List<String> command = new ArrayList<>(List.of(QEMU));
    command.addAll(Arrays.asList(options.split(" ", -1)));
    QemuProcess qemu = QemuProcess.start(folder, command.toArray(String[]::new));
    RUNNING.add(qemu);
    return qemu;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("machines")
  void machinesThatDiffer(String name, String options, Outcome measured) throws Exception {
    try (QemuProcess destination = start(options + " -incoming defer");
        QmpClient client = destination.connectIfKnown()) {
      MachineCheck check = MachineCheck.of(source, client);
      assertThat(check.outcome()).as(check.breaking().toString()).isEqualTo(measured);
      assertThat(check.breaking()).allMatch(d -> !d.remedy().isEmpty() && !d.how().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void withAReturnPathNoGuestIsLost(String name, String options, Outcome measured)
      throws Exception {
    if (measured != Outcome.LOST) {
      return;
    }
    set(source, Map.of("return-path", true));
    try (QemuProcess destination = start(options + " -incoming defer");
        QmpClient client = destination.connectIfKnown()) {
      assertThat(MachineCheck.of(source, client).outcome()).isEqualTo(Outcome.FAILURE);
    } finally {
      set(source, Map.of("return-path", false));
    }
  }

  static Stream<Arguments> capabilities() {
    return Stream.of(
        capability("multifd", true, false, Outcome.FAILURE),
        capability("multifd", false, true, Outcome.HANG),
        capability("mapped-ram", true, true, Outcome.REFUSAL),
        capability("mapped-ram", true, false, Outcome.REFUSAL),
        capability("postcopy-ram", true, false, Outcome.FAILURE),
        capability("postcopy-ram", false, true, Outcome.HARMLESS),
        capability("x-ignore-shared", true, false, Outcome.FAILURE),
        capability("x-ignore-shared", false, true, Outcome.FAILURE),
        capability("return-path", true, false, Outcome.HARMLESS),
        capability("return-path", false, true, Outcome.HARMLESS),
        capability("xbzrle", true, false, Outcome.HARMLESS),
        capability("xbzrle", false, true, Outcome.HARMLESS),
        capability("validate-uuid", true, false, Outcome.HARMLESS),
        capability("validate-uuid", false, true, Outcome.HARMLESS),
        capability("zero-blocks", true, false, Outcome.HARMLESS),
        capability("zero-blocks", false, true, Outcome.HARMLESS),
        capability("switchover-ack", true, false, Outcome.HANG));
  }

  private static Arguments capability(
      String name, boolean atSource, boolean atDestination, Outcome measured) {
    return Arguments.of(name, atSource, atDestination, measured);
  }

  @ParameterizedTest(name = "{0}: source {1}, destination {2}")
  @MethodSource("capabilities")
  void capabilitiesThatDiffer(
      String name, boolean atSource, boolean atDestination, Outcome measured) throws Exception {
    assumeTrue(
        source.execute("query-migrate-capabilities").toString().contains("\"" + name + "\""),
        "this QEMU has no capability " + name);
    try {
      if (name.equals("switchover-ack")) {
        set(source, Map.of("return-path", true));
      }
      set(source, Map.of(name, atSource));
      set(twin, Map.of(name, atDestination));
      assertThat(MachineCheck.of(source, twin).outcome()).isEqualTo(measured);
    } finally {
      set(source, Map.of(name, false));
      set(source, Map.of("return-path", false));
      set(twin, Map.of(name, false));
    }
  }

  static Stream<Arguments> multifd() {
    return Stream.of(
        Arguments.of("multifd-compression", Json.of("zlib"), Json.of("none"), Outcome.FAILURE),
        Arguments.of("multifd-channels", Json.of(4), Json.of(2), Outcome.HANG),
        Arguments.of("multifd-channels", Json.of(2), Json.of(4), Outcome.HANG),
        Arguments.of("multifd-channels", Json.of(2), Json.of(2), Outcome.HARMLESS));
  }

  @ParameterizedTest(name = "{0}: source {1}, destination {2}")
  @MethodSource("multifd")
  void multifdParametersThatDiffer(String name, Json here, Json there, Outcome measured)
      throws Exception {
    try {
      for (QmpClient side : List.of(source, twin)) {
        set(side, Map.of("multifd", true));
      }
      parameter(source, name, here);
      parameter(twin, name, there);
      assertThat(MachineCheck.of(source, twin).outcome()).isEqualTo(measured);
    } finally {
      for (QmpClient side : List.of(source, twin)) {
        set(side, Map.of("multifd", false));
        parameter(side, "multifd-compression", Json.of("none"));
        parameter(side, "multifd-channels", Json.of(2));
      }
    }
  }

  @Test
  void aDestinationThatDoesNotWaitIsRefused() throws Exception {
    try (QemuProcess other = start(BASE);
        QmpClient client = other.connect()) {
      MachineCheck check = MachineCheck.of(source, client);
      assertThat(check.outcome()).isEqualTo(Outcome.REFUSAL);
      assertThat(check.breaking().getFirst().remedy()).contains("-incoming defer");
    }
  }

  static void set(QmpClient side, Map<String, Boolean> capabilities)
      throws IOException, QmpErrorException {
    List<Json> states = new ArrayList<>();
    capabilities.forEach(
        (name, on) -> states.add(Json.object().with("capability", name).with("state", on).build()));
    side.execute(
        "migrate-set-capabilities", Json.object().with("capabilities", Json.of(states)).build());
  }

  static void parameter(QmpClient side, String name, Json value)
      throws IOException, QmpErrorException {
    side.execute("migrate-set-parameters", Json.object().with(name, value).build());
  }
}
