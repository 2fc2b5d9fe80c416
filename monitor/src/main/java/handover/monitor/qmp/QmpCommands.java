package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.INT;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.Member;
import java.util.List;
import java.util.function.BiFunction;

/** Every QMP command of a machine. */
public final class QmpCommands {
  private QmpCommands() {}

  /**
   * The table of commands.
   *
   * @param human runs a line of HMP on the same table and returns what it prints
   */
  public static CommandTable of(
      MonitoredMachine machine, BiFunction<CommandTable, String, String> human) {
    CommandTable table = new CommandTable();
    table.add(IntrospectionCommands.of(table));
    table.add(RunStateCommands.of(machine));
    table.add(MigrationCommands.of(machine));
    table.add(QomCommands.of(machine));
    table.add(PciCommands.of(machine));
    table.add(VirtioCommands.of(machine));
    table.add(RamBlockCommands.of(machine));
    table.add(MachineCommands.all());
    table.add(
        List.of(
            Command.query(
                "human-monitor-command",
                "Runs a line of the human monitor.",
                List.of(
                    Member.required("command-line", STR, "As typed."),
                    Member.optional("cpu-index", INT, "Without effect.")),
                STR,
                a -> Json.of(lines(human.apply(table, a.text("command-line").orElseThrow()))))));
    return table;
  }

  /** As QEMU ends them, which clients split them by. */
  private static String lines(String text) {
    return text.replace("\n", "\r\n");
  }
}
