package handover.monitor.qmp;

import handover.devices.NearestName;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpException.ErrorClass;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The commands of one machine, by name. Filled once, before it is used. */
public final class CommandTable {
  private final Map<String, Command> commands = new LinkedHashMap<>();

  /** Adds commands; a name can be taken only once. */
  void add(List<Command> more) {
    for (Command command : more) {
      if (commands.putIfAbsent(command.name(), command) != null) {
        throw new IllegalArgumentException("command declared twice: " + command.name());
      }
    }
  }

  /** All commands in the order they were declared. */
  public Collection<Command> all() {
    return Collections.unmodifiableCollection(commands.values());
  }

  /**
   * Checks and runs a command.
   *
   * @throws QmpException if there is none of that name, the arguments do not fit, or it failed
   */
  public Json execute(String name, Json.Obj arguments) throws QmpException {
    Command command = commands.get(name);
    if (command == null) {
      throw new QmpException(
          ErrorClass.COMMAND_NOT_FOUND,
          "The command %s has not been found%s"
              .formatted(name, NearestName.hint(name, commands.keySet())));
    }
    return command.execute(arguments);
  }
}
