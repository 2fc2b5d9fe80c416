package handover.monitor.hmp;

import handover.monitor.qmp.QmpException;
import java.util.List;

/**
 * One command of the human monitor.
 *
 * @param name as typed; two words for {@code info} commands
 * @param usage its arguments
 * @param help one sentence
 * @param choices for each argument in turn, the words it may be; empty where anything may stand
 * @param handler what it does
 */
record HumanCommand(
    String name, String usage, String help, List<List<String>> choices, Handler handler) {
  /** A command none of whose arguments is one of a few words. */
  HumanCommand(String name, String usage, String help, Handler handler) {
    this(name, usage, help, List.of(), handler);
  }

  /** Runs a command; what it returns is printed. */
  @FunctionalInterface
  interface Handler {
    String run(List<String> arguments) throws QmpException;
  }

  /** The line that help prints. */
  String helpLine() {
    return (usage.isEmpty() ? name : name + " " + usage) + " -- " + help + "\n";
  }
}
