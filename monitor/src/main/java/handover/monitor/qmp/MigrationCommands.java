package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.BOOL;

import handover.migration.Capability;
import handover.migration.MigrationSettings;
import handover.migration.Parameter;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Migration, by QEMU's names. */
final class MigrationCommands {
  private final MonitoredMachine machine;

  private MigrationCommands(MonitoredMachine machine) {
    this.machine = machine;
  }

  static List<Command> of(MonitoredMachine machine) {
    MigrationCommands c = new MigrationCommands(machine);
    return List.of(
        Command.action(
            "migrate",
            "Begins to send the machine away; returns at once.",
            with(
                MigrationTypes.DESTINATION,
                Member.optional("detach", BOOL, "Without effect, as in QEMU."),
                Member.optional("resume", BOOL, "Only false: there is no postcopy to resume.")),
            c::migrate),
        Command.action(
            "migrate-incoming",
            "Begins to wait for a machine; needs -incoming defer.",
            with(
                MigrationTypes.DESTINATION,
                Member.optional("exit-on-error", BOOL, "Only false: the process stays.")),
            c::incoming),
        Command.action(
            "migrate_cancel",
            "Cancels the outgoing migration, if any.",
            List.of(),
            a -> machine.migration().cancel()),
        Command.query(
            "query-migrate",
            "The current or last migration.",
            List.of(),
            MigrationTypes.INFO,
            a -> MigrationReport.of(machine.migration().query(), machine.migration().listening())),
        Command.action(
            "migrate-set-capabilities",
            "Switches capabilities for the next migration.",
            List.of(
                Member.required(
                    "capabilities",
                    new ArrayOf(MigrationTypes.CAPABILITY_STATE),
                    "What to switch.")),
            c::setCapabilities),
        Command.query(
            "query-migrate-capabilities",
            "Every capability and whether it is on.",
            List.of(),
            new ArrayOf(MigrationTypes.CAPABILITY_STATE),
            a -> c.capabilities()),
        Command.action(
            "migrate-set-parameters",
            "Sets parameters; all or none.",
            MigrationTypes.PARAMETERS.members(),
            c::setParameters),
        Command.query(
            "query-migrate-parameters",
            "Every parameter.",
            List.of(),
            MigrationTypes.PARAMETERS,
            a -> c.parameters()));
  }

  private static List<Member> with(List<Member> first, Member... more) {
    List<Member> all = new ArrayList<>(first);
    all.addAll(List.of(more));
    return all;
  }

  private void migrate(Json.Obj arguments) throws QmpException {
    if (arguments.flag("resume").orElse(false)) {
      throw QmpException.generic("resume=true needs a paused postcopy migration; there is none");
    }
    machine.migration().migrate(MigrationUri.from(arguments));
  }

  private void incoming(Json.Obj arguments) throws QmpException {
    if (arguments.flag("exit-on-error").orElse(false)) {
      throw QmpException.generic(
          "exit-on-error=true is not offered: after an error the process stays and query-migrate"
              + " says why");
    }
    machine.listen(MigrationUri.from(arguments));
  }

  private void setCapabilities(Json.Obj arguments) {
    for (Json each : arguments.array("capabilities")) {
      Json.Obj state = (Json.Obj) each;
      Capability which = Capability.named(state.text("capability").orElseThrow()).orElseThrow();
      settings().set(which, state.flag("state").orElseThrow());
    }
  }

  private Json capabilities() {
    return Json.of(
        Arrays.stream(Capability.values())
            .map(
                c ->
                    Json.object()
                        .with("capability", c.wireName())
                        .with("state", settings().enabled(c))
                        .build())
            .toList());
  }

  private void setParameters(Json.Obj arguments) {
    // Tried on a copy first: a value out of range must leave all of them as they were.
    assign(arguments, new MigrationSettings());
    assign(arguments, settings());
  }

  private static void assign(Json.Obj arguments, MigrationSettings settings) {
    for (Parameter p : Parameter.values()) {
      arguments.whole(p.wireName()).ifPresent(value -> settings.set(p, value));
    }
  }

  private Json parameters() {
    Json.Builder all = Json.object();
    Consumer<Parameter> add = p -> all.with(p.wireName(), settings().value(p));
    Arrays.stream(Parameter.values()).forEach(add);
    return all.build();
  }

  private MigrationSettings settings() {
    return machine.migration().settings();
  }
}
