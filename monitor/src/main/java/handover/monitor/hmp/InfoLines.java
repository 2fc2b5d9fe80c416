package handover.monitor.hmp;

import handover.machine.MachineSpec;
import handover.migration.Parameter;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.CommandTable;
import handover.monitor.qmp.QmpException;
import java.util.List;
import java.util.stream.Collectors;

/** The human monitor's {@code info} commands. */
final class InfoLines {
  private final MonitoredMachine machine;
  private final CommandTable table;

  InfoLines(MonitoredMachine machine, CommandTable table) {
    this.machine = machine;
    this.table = table;
  }

  /** What one topic says. */
  interface Topic {
    String say() throws QmpException;
  }

  List<HumanCommand> commands() {
    return List.of(
        topic("status", "whether the guest runs", this::status),
        topic("migrate", "the current or last migration", this::migrate),
        topic("migrate_capabilities", "capabilities and their state", this::capabilities),
        topic("migrate_parameters", "parameters and their values", this::parameters),
        topic("network", "network back ends", this::network),
        topic("qtree", "devices and their properties", () -> DeviceTreeLines.of(machine)),
        topic("block", "drives", this::block),
        topic("chardev", "character devices", this::chardevs),
        topic("kvm", "whether a hypervisor is used", () -> "kvm support: not compiled\n"),
        topic("irq", "where interrupts are counted", InfoLines::interrupts),
        topic("cpus", "the harts", this::cpus),
        topic("version", "version", this::version),
        topic("name", "the machine's name", this::name),
        topic("uuid", "the machine's UUID", this::uuid));
  }

  static HumanCommand topic(String name, String help, Topic topic) {
    return new HumanCommand(
        "info " + name,
        "",
        "shows " + help,
        arguments -> {
          HumanMonitor.requireCount("info " + name, arguments, 0, 0);
          return topic.say();
        });
  }

  private Json.Obj query(String command) throws QmpException {
    return (Json.Obj) table.execute(command, Json.Obj.EMPTY);
  }

  private List<Json> list(String command) throws QmpException {
    return ((Json.Arr) table.execute(command, Json.Obj.EMPTY)).elements();
  }

  private String status() throws QmpException {
    String status = query("query-status").text("status").orElseThrow();
    return switch (status) {
      case "running", "paused" -> "VM status: " + status + "\n";
      default -> "VM status: paused (" + status + ")\n";
    };
  }

  private String migrate() throws QmpException {
    Json.Obj report = query("query-migrate");
    return report.get("status").isPresent() ? MigrationText.of(report) : "No migration so far\n";
  }

  private String capabilities() throws QmpException {
    StringBuilder text = new StringBuilder();
    for (Json each : list("query-migrate-capabilities")) {
      Json.Obj capability = (Json.Obj) each;
      text.append(capability.text("capability").orElseThrow())
          .append(": ")
          .append(capability.flag("state").orElseThrow() ? "on" : "off")
          .append('\n');
    }
    return text.toString();
  }

  private String parameters() throws QmpException {
    Json.Obj values = query("query-migrate-parameters");
    StringBuilder text = new StringBuilder();
    for (Parameter p : Parameter.values()) {
      text.append("%s: %d %s".formatted(p.wireName(), value(values, p), p.unit()).strip())
          .append('\n');
    }
    return text.toString();
  }

  private static long value(Json.Obj values, Parameter p) {
    return values.whole(p.wireName()).orElseThrow();
  }

  private String network() {
    return machine.networks().stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  private String block() {
    StringBuilder text = new StringBuilder();
    for (MachineSpec.Backend drive : machine.spec().drives()) {
      text.append(
          "%s: %s (%s)\n"
              .formatted(
                  drive.id().orElse("drive"),
                  drive.properties().getOrDefault("file", "no file"),
                  drive.properties().getOrDefault("format", "raw")));
    }
    return text.toString();
  }

  private String chardevs() {
    StringBuilder text = new StringBuilder();
    for (MachineSpec.Backend chardev : machine.spec().chardevs()) {
      text.append("%s: filename=%s\n".formatted(chardev.id().orElse("?"), chardev.kind()));
    }
    List<String> serials = machine.spec().serials();
    for (int i = 0; i < serials.size(); i++) {
      text.append("serial%d: filename=%s\n".formatted(i, serials.get(i)));
    }
    return text.toString();
  }

  private static String interrupts() {
    return "interrupts are not counted here; /proc/interrupts in the guest counts them\n";
  }

  private String cpus() throws QmpException {
    return list("query-cpus-fast").stream()
        .map(
            c ->
                "CPU #%d: %s\n"
                    .formatted(
                        ((Json.Obj) c).whole("cpu-index").orElseThrow(),
                        ((Json.Obj) c).text("qom-path").orElseThrow()))
        .collect(Collectors.joining());
  }

  private String version() throws QmpException {
    return query("query-version").text("package").orElseThrow() + "\n";
  }

  private String name() throws QmpException {
    return query("query-name").text("name").map(n -> n + "\n").orElse("");
  }

  private String uuid() throws QmpException {
    return query("query-uuid").text("UUID").orElseThrow() + "\n";
  }
}
