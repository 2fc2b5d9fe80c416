package handover.monitor.hmp;

import handover.monitor.qmp.QmpException;
import java.util.List;

/**
 * One command of the human monitor.
 *
 * @param name as typed; two words for {@code info} commands
 * @param usage its arguments
 * @param help one sentence
 * @param handler what it does
 */
record HumanCommand(String name, String usage, String help, Handler handler) {
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
