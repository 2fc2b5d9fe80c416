package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.ANY;
import static handover.monitor.qmp.QmpType.Builtin.INT;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.util.List;

/** What a client can ask about QMP itself. */
final class IntrospectionCommands {
  private static final Struct TRIPLE =
      new Struct(
          "VersionTriple",
          List.of(
              Member.required("major", INT, "Major."),
              Member.required("minor", INT, "Minor."),
              Member.required("micro", INT, "Micro.")));

  private static final Struct VERSION_INFO =
      new Struct(
          "VersionInfo",
          List.of(
              Member.required("qemu", TRIPLE, "The QEMU whose names and shapes are followed."),
              Member.required("package", STR, "What this is.")));

  private static final Struct NAME_ONLY =
      new Struct("CommandInfo", List.of(Member.required("name", STR, "Its name.")));

  private IntrospectionCommands() {}

  static List<Command> of(CommandTable table) {
    return List.of(
        Command.action(
            "qmp_capabilities",
            "Ends the negotiation; a client's first command.",
            List.of(
                Member.optional(
                    "enable", new ArrayOf(QmpType.Builtin.STR), "Capabilities to enable: none.")),
            IntrospectionCommands::negotiate),
        Command.query(
            "query-version", "Version.", List.of(), VERSION_INFO, a -> QmpVersion.toJson()),
        Command.query(
            "query-commands",
            "Names of all commands.",
            List.of(),
            new ArrayOf(NAME_ONLY),
            a -> Json.of(table.all().stream().map(c -> named(c.name())).toList())),
        Command.query(
            "query-events",
            "Names of all events.",
            List.of(),
            new ArrayOf(new Struct("EventInfo", NAME_ONLY.members())),
            a -> Json.of(EventType.ALL.stream().map(e -> named(e.name())).toList())),
        Command.query(
            "query-qmp-schema",
            "Every command, event and type.",
            List.of(),
            new ArrayOf(ANY),
            a -> Json.of(Schema.of(table).entries())));
  }

  private static void negotiate(Json.Obj arguments) throws QmpException {
    if (!arguments.array("enable").isEmpty()) {
      throw QmpException.generic(
          "Capability %s is not available; none is offered"
              .formatted(arguments.array("enable").getFirst()));
    }
  }

  private static Json named(String name) {
    return Json.object().with("name", name).build();
  }
}
