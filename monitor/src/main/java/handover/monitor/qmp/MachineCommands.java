package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.BOOL;
import static handover.monitor.qmp.QmpType.Builtin.INT;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.machine.MachineVersion;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.util.Arrays;
import java.util.List;

/** What kinds of machine there are. */
final class MachineCommands {
  private static final Struct MACHINE_INFO =
      new Struct(
          "MachineInfo",
          List.of(
              Member.required("name", STR, "As given by -M."),
              Member.optional("alias", STR, "Another name for it."),
              Member.optional("is-default", BOOL, "Whether it is used without -M."),
              Member.required("cpu-max", INT, "Most harts."),
              Member.required("hotpluggable-cpus", BOOL, "Whether harts can be added: no."),
              Member.required("numa-mem-supported", BOOL, "Whether memory has nodes: no."),
              Member.required("deprecated", BOOL, "Whether it will go away: no."),
              Member.optional("default-ram-id", STR, "RAM block of guest memory.")));

  private static final Struct CURRENT_MACHINE =
      new Struct(
          "CurrentMachineParams",
          List.of(
              Member.required(
                  "wakeup-suspend-support", BOOL, "Whether a suspended guest can be woken: no.")));

  private MachineCommands() {}

  static List<Command> all() {
    return List.of(
        Command.query(
            "query-machines",
            "Kinds of machine that -M accepts.",
            List.of(Member.optional("compat-props", BOOL, "Without effect.")),
            new ArrayOf(MACHINE_INFO),
            a ->
                Json.of(
                    Arrays.stream(MachineVersion.values()).map(MachineCommands::info).toList())),
        Command.query(
            "query-current-machine",
            "What this machine can do.",
            List.of(),
            CURRENT_MACHINE,
            a -> Json.object().with("wakeup-suspend-support", false).build()));
  }

  private static Json info(MachineVersion version) {
    Json.Builder info = Json.object().with("name", version.wireName());
    if (version == MachineVersion.newest()) {
      info.with("alias", "virt").with("is-default", true);
    }
    return info.with("cpu-max", MachineVersion.MAX_HARTS)
        .with("hotpluggable-cpus", false)
        .with("numa-mem-supported", false)
        .with("deprecated", false)
        .with("default-ram-id", "riscv_virt_board.ram")
        .build();
  }
}
