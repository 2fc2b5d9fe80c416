package handover.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.machine.RunState;
import handover.migration.Capability;
import handover.migration.Parameter;
import handover.monitor.FakeMachine;
import handover.monitor.json.Json;
import handover.monitor.json.JsonText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class QmpCommandsTest {
  private final FakeMachine machine = new FakeMachine();
  private final CommandTable table = QmpCommands.of(machine, (t, line) -> "said " + line);

  @Test
  void hasEveryCommandThatWasPromised() {
    assertThat(table.all())
        .extracting(Command::name)
        .contains(
            "qmp_capabilities",
            "query-version",
            "query-status",
            "query-commands",
            "query-qmp-schema",
            "query-events",
            "query-name",
            "query-uuid",
            "query-kvm",
            "query-cpus-fast",
            "stop",
            "cont",
            "system_reset",
            "system_powerdown",
            "quit",
            "migrate",
            "migrate-incoming",
            "migrate_cancel",
            "query-migrate",
            "migrate-set-capabilities",
            "query-migrate-capabilities",
            "migrate-set-parameters",
            "query-migrate-parameters",
            "query-pci",
            "x-query-virtio",
            "x-query-virtio-status",
            "x-query-ramblock",
            "qom-get",
            "qom-set",
            "qom-list",
            "qom-list-properties",
            "query-machines",
            "query-current-machine",
            "human-monitor-command");
  }

  @Test
  void everyQueryReturnsTheShapeItDeclares() throws Exception {
    run("migrate", "{'uri':'tcp:127.0.0.1:4444'}");
    for (Command command : table.all()) {
      if (command.name().contains("query") && command.arguments().equals(QmpType.EMPTY)) {
        List<String> problems = new ArrayList<>();
        command.result().check(run(command.name(), "{}"), command.name(), problems::add);
        assertThat(problems).as(command.name()).isEmpty();
      }
    }
  }

  @Test
  void everyTypeTheSchemaMentionsIsDescribedThere() throws Exception {
    Set<String> described = new HashSet<>();
    Set<String> mentioned = new HashSet<>();
    Json.Arr schema = (Json.Arr) run("query-qmp-schema", "{}");
    for (Json each : schema.elements()) {
      Json.Obj info = (Json.Obj) each;
      assertThat(described.add(info.text("name").orElseThrow())).as("once: " + info).isTrue();
      for (String reference : List.of("arg-type", "ret-type", "element-type")) {
        info.text(reference).ifPresent(mentioned::add);
      }
      for (String list : List.of("members", "variants")) {
        info.array(list).forEach(m -> ((Json.Obj) m).text("type").ifPresent(mentioned::add));
      }
      info.text("tag").ifPresent(tag -> assertThat(info.get("members").toString()).contains(tag));
    }
    assertThat(described).containsAll(mentioned);
    assertThat(described).contains("migrate", "MIGRATION_PASS", "MigrationInfo", "[str]");
  }

  @Test
  void unknownNamesAreRefusedWithTheNearest() {
    assertFails("migrat", "{}", "CommandNotFound", "did you mean 'migrate'?");
    assertFails(
        "migrate",
        "{'urii':'tcp:x:1'}",
        "GenericError",
        "'urii' is unexpected; did you mean 'uri'");
    assertFails(
        "migrate-set-capabilities",
        "{'capabilities':[{'capability':'virtio-iterativ','state':true}]}",
        "GenericError",
        "'capabilities[0].capability' does not accept value 'virtio-iterativ'; did you mean");
    assertFails("qom-get", "{'path':'net1','property':'mac'}", "DeviceNotFound", "'net0'");
    assertFails("qom-get", "{'path':'net0','property':'mak'}", "GenericError", "'mac'");
  }

  @Test
  void everythingWrongWithTheArgumentsIsSaidAtOnce() {
    assertThatThrownBy(() -> run("qom-set", "{'path':1,'valu':true}"))
        .isInstanceOf(QmpException.class)
        .hasMessageContaining("Invalid parameter type for 'path', expected: string")
        .hasMessageContaining("Parameter 'valu' is unexpected; did you mean 'value'?")
        .hasMessageContaining("Parameter 'property' is missing")
        .hasMessageContaining("Parameter 'value' is missing");
  }

  @Test
  void migrateTakesChannelsAsWellAsAUri() throws Exception {
    run(
        "migrate",
        "{'channels':[{'channel-type':'main','addr':{'transport':'socket','type':'inet',"
            + "'host':'::1','port':'4444'}}]}");
    assertThat(machine.fakeMigration().lastUri()).isEqualTo("tcp:[::1]:4444");
    assertFails("migrate", "{}", "GenericError", "exactly one of 'uri' and 'channels'");
    assertFails(
        "migrate",
        "{'channels':[{'channel-type':'main','addr':{'transport':'socket','type':'unix',"
            + "'host':'x'}}]}",
        "GenericError",
        "'channels[0].addr.host' is unexpected");
  }

  @Test
  void incomingNeedsAMachineThatWaits() throws Exception {
    assertFails("migrate-incoming", "{'uri':'tcp::0'}", "GenericError", "it is running");
    machine.become(RunState.INMIGRATE);
    run("migrate-incoming", "{'uri':'tcp:127.0.0.1:0'}");
    assertThat(run("query-migrate", "{}").toString())
        .contains("\"socket-address\":[{\"type\":\"inet\",\"host\":\"127.0.0.1\"")
        .contains("\"port\":\"4444\"");
    assertFails("cont", "{}", "GenericError", "has not arrived");
  }

  @Test
  void parametersAreSetAllOrNone() throws Exception {
    assertFails(
        "migrate-set-parameters",
        "{'max-bandwidth':1000000,'downtime-limit':0}",
        "GenericError",
        "'downtime-limit' expects a value from 1 to 2000000 ms, got 0");
    assertThat(machine.migration().settings().value(Parameter.MAX_BANDWIDTH)).isZero();
    run("migrate-set-parameters", "{'max-bandwidth':1000000,'downtime-limit':20}");
    assertThat(((Json.Obj) run("query-migrate-parameters", "{}")).whole("downtime-limit"))
        .hasValue(20);
  }

  @Test
  void capabilitiesAreSwitched() throws Exception {
    run(
        "migrate-set-capabilities",
        "{'capabilities':[{'capability':'virtio-iterative','state':false}]}");
    assertThat(machine.migration().settings().enabled(Capability.VIRTIO_ITERATIVE)).isFalse();
    assertThat(run("query-migrate-capabilities", "{}").toString())
        .contains("{\"capability\":\"virtio-iterative\",\"state\":false}");
  }

  @Test
  void queryMigrateHasQemusUnitsAndOurs() throws Exception {
    assertThat(run("query-migrate", "{}")).hasToString("{}");
    run("migrate", "{'uri':'unix:/tmp/x'}");
    Json.Obj info = (Json.Obj) run("query-migrate", "{}");
    assertThat(info.text("status")).contains("completed");
    assertThat(info.whole("downtime")).hasValue(13);
    assertThat(info.get("expected-downtime")).isEmpty();
    assertThat(info.object("x-handover").orElseThrow().whole("downtime")).hasValue(12_001);
    assertThat(info.object("ram").orElseThrow().whole("normal-bytes")).hasValue(9_000 * 4096);
    assertThat(info.object("ram").orElseThrow().number("mbps")).contains(1000.0);
  }

  @Test
  void propertiesAreReadTypedAndFewCanBeChanged() throws Exception {
    assertThat(run("qom-get", "{'path':'/machine/peripheral/net0','property':'mq'}"))
        .isEqualTo(Json.of(false));
    assertThat(run("qom-get", "{'path':'net0','property':'rx_queue_size'}"))
        .isEqualTo(Json.of(256));
    assertThat(run("qom-list", "{'path':'/machine/peripheral'}"))
        .hasToString("[{\"name\":\"net0\",\"type\":\"child<virtio-net-device>\"}]");
    assertThat(run("qom-get", "{'path':'/machine','property':'type'}").toString())
        .isEqualTo("\"virt-machine\"");
    assertThat(run("qom-list-properties", "{'typename':'virtio-net-device'}").toString())
        .contains("\"name\":\"mrg_rxbuf\",\"type\":\"bool\"");
    assertFails(
        "qom-list-properties",
        "{'typename':'virtio-net-devise'}",
        "DeviceNotFound",
        "'virtio-net-device'");
    assertThat(run("query-machines", "{}").toString()).contains("\"alias\":\"virt\"");
    assertThat(run("qom-list", "{'path':'/'}"))
        .hasToString("[{\"name\":\"machine\",\"type\":\"child<virt-machine>\"}]");
    run("qom-set", "{'path':'net0','property':'iterative-mig','value':'off'}");
    assertThat(run("qom-get", "{'path':'net0','property':'iterative-mig'}"))
        .isEqualTo(Json.of("off"));
    assertFails(
        "qom-set",
        "{'path':'net0','property':'iterative-mig','value':'perhaps'}",
        "GenericError",
        "expects on, off or auto");
    assertFails(
        "qom-set",
        "{'path':'net0','property':'mac','value':'52:54:00:00:00:01'}",
        "GenericError",
        "is fixed once the machine exists");
  }

  @Test
  void theBoardIsInTheTreeAsQemuHasIt() throws Exception {
    assertThat(run("qom-list", "{'path':'/machine/unattached'}").toString())
        .contains("{\"name\":\"device[0]\",\"type\":\"child<virtio-mmio>\"}");
    assertThat(run("qom-get", "{'path':'net0','property':'parent_bus'}"))
        .isEqualTo(Json.of("/machine/unattached/device[0]/virtio-mmio-bus.7"));
    assertThat(run("qom-get", "{'path':'/machine','property':'aia'}")).isEqualTo(Json.of("none"));
    assertThat(run("query-pci", "{}").toString())
        .contains("\"slot\":1", "\"vendor\":6900", "\"class\":512")
        .contains("{\"bar\":4,\"type\":\"memory\",\"address\":5368709120,\"size\":16384");
  }

  @Test
  void featuresAreNamedByTheSpecificationsConstants() throws Exception {
    assertThat(run("x-query-virtio", "{}"))
        .hasToString("[{\"path\":\"/machine/peripheral/net0\",\"name\":\"virtio-net\"}]");
    assertThat(run("x-query-virtio-status", "{'path':'/machine/peripheral/net0'}").toString())
        .contains(
            "\"host-features\":{\"transports\":[\"VIRTIO_F_VERSION_1\"],"
                + "\"dev-features\":[\"VIRTIO_NET_F_MRG_RXBUF\"]}",
            "VIRTIO_CONFIG_S_DRIVER_OK");
    assertFails("x-query-virtio-status", "{'path':'net1'}", "DeviceNotFound", "x-query-virtio");
  }

  private Json run(String name, String arguments) throws Exception {
    return table.execute(name, (Json.Obj) JsonText.parse(arguments));
  }

  private void assertFails(String name, String arguments, String errorClass, String words) {
    assertThatThrownBy(() -> run(name, arguments))
        .isInstanceOfSatisfying(
            QmpException.class, e -> assertThat(e.errorClass().wireName()).isEqualTo(errorClass))
        .hasMessageContaining(words);
  }
}
