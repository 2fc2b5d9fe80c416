package handover.monitor.hmp;

import handover.devices.NearestName;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.CommandTable;
import handover.monitor.qmp.QmpException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The human monitor: QEMU's command lines, run by the QMP commands of the same machine, so that
 * both validate and behave alike. Safe for several threads.
 */
public final class HumanMonitor {
  /** Printed before each line is read. */
  public static final String PROMPT = "(handover) ";

  private static final int LONGEST_LINE = 4096;

  /** QEMU's short names. */
  private static final Map<String, String> SHORT =
      Map.of("?", "help", "h", "help", "s", "stop", "c", "cont", "q", "quit");

  private final Map<String, HumanCommand> commands = new LinkedHashMap<>();
  private final CommandTable table;
  private final MigrationWait migrations;

  /** On the given machine's commands. */
  public HumanMonitor(MonitoredMachine machine, CommandTable table) {
    this.table = table;
    this.migrations = new MigrationWait(machine.migration());
    add("help", "[command]", "shows the commands", this::help);
    add("info", "[topic]", "shows a topic", this::info);
    plain("stop", "stop", "pauses the guest");
    plain("cont", "cont", "runs the guest on");
    plain("system_reset", "system_reset", "presses the reset button");
    plain("system_powerdown", "system_powerdown", "presses the power button");
    plain("quit", "quit", "ends the machine");
    MigrationLines lines = new MigrationLines(table);
    lines.commands().forEach(c -> commands.put(c.name(), c));
    new InfoLines(machine, table).commands().forEach(c -> commands.put(c.name(), c));
    new LookLines(machine).commands().forEach(c -> commands.put(c.name(), c));
  }

  private void add(String name, String usage, String help, HumanCommand.Handler handler) {
    commands.put(name, new HumanCommand(name, usage, help, handler));
  }

  private void plain(String name, String qmpName, String help) {
    add(
        name,
        "",
        help,
        arguments -> {
          requireCount(name, arguments, 0, 0);
          table.execute(qmpName, Json.Obj.EMPTY);
          return "";
        });
  }

  /** Runs a line and returns what it prints, errors among it; never waits for a migration. */
  public String run(String line) {
    List<String> words = words(line);
    if (words.isEmpty()) {
      return "";
    }
    if (line.length() > LONGEST_LINE) {
      return "Error: a line may have %d characters, this one has %d\n"
          .formatted(LONGEST_LINE, line.length());
    }
    try {
      return dispatch(words);
    } catch (QmpException e) {
      return "Error: " + e.getMessage() + "\n";
    }
  }

  /**
   * As {@link #run}, but {@code migrate} without {@code -d} returns only when the migration ended.
   */
  public String runAndWait(String line) throws InterruptedException {
    List<String> words = words(line);
    if (words.isEmpty() || !words.getFirst().equals("migrate") || words.contains("-d")) {
      return run(line);
    }
    long before = migrations.ended();
    String said = run(line);
    if (!said.startsWith("Error")) {
      migrations.awaitEnd(before);
      return said + run("info migrate");
    }
    return said;
  }

  /**
   * What the next word of a line may be, for a terminal's completion.
   *
   * @param before the words in front of it
   */
  public List<String> completions(List<String> before) {
    String said = before.stream().map(word -> word + " ").collect(Collectors.joining());
    List<String> names =
        commands.keySet().stream()
            .filter(name -> name.startsWith(said))
            .map(name -> name.substring(said.length()).split(" ", 2)[0])
            .distinct()
            .sorted()
            .toList();
    return names.isEmpty() ? choices(before) : names;
  }

  private List<String> choices(List<String> before) {
    if (before.equals(List.of("help"))) {
      return completions(List.of());
    }
    HumanCommand command = commands.get(before.getFirst());
    return command == null || before.size() > command.choices().size()
        ? List.of()
        : command.choices().get(before.size() - 1);
  }

  private String dispatch(List<String> typed) throws QmpException {
    List<String> words = new ArrayList<>(typed);
    words.set(0, SHORT.getOrDefault(typed.getFirst(), typed.getFirst()));
    format(words);
    if (words.size() > 1 && commands.get(words.get(0) + " " + words.get(1)) != null) {
      HumanCommand command = commands.get(words.get(0) + " " + words.get(1));
      return command.handler().run(words.subList(2, words.size()));
    }
    HumanCommand command = commands.get(words.getFirst());
    if (command == null) {
      requirePresent(words.getFirst());
      throw QmpException.generic(unknown("command", words.getFirst()) + "; try 'help'");
    }
    return command.handler().run(words.subList(1, words.size()));
  }

  /** A format follows its command without a blank: {@code xp/8xg}. */
  private static void format(List<String> words) {
    int slash = words.getFirst().indexOf('/');
    if (slash > 0) {
      String whole = words.getFirst();
      words.set(0, whole.substring(0, slash));
      words.add(1, whole.substring(slash));
    }
  }

  private static void requirePresent(String name) throws QmpException {
    Optional<String> why = AbsentLines.why(name);
    if (why.isPresent()) {
      throw QmpException.generic("no '%s' here: %s".formatted(name, why.get()));
    }
  }

  private String unknown(String kind, String name) {
    return "unknown %s: '%s'%s".formatted(kind, name, NearestName.hint(name, commands.keySet()));
  }

  private String help(List<String> arguments) throws QmpException {
    String wanted = String.join(" ", arguments);
    if (wanted.isEmpty()) {
      return commands.values().stream()
          .filter(c -> !c.name().startsWith("info "))
          .map(HumanCommand::helpLine)
          .collect(Collectors.joining());
    }
    String found =
        commands.values().stream()
            .filter(c -> c.name().equals(wanted) || c.name().startsWith(wanted + " "))
            .map(HumanCommand::helpLine)
            .collect(Collectors.joining());
    if (found.isEmpty()) {
      throw QmpException.generic(unknown("command", wanted));
    }
    return found;
  }

  private String info(List<String> arguments) throws QmpException {
    if (arguments.isEmpty()) {
      return help(List.of("info"));
    }
    List<String> topics =
        commands.keySet().stream()
            .filter(name -> name.startsWith("info "))
            .map(name -> name.substring("info ".length()))
            .toList();
    String topic = arguments.getFirst();
    requirePresent("info " + topic);
    throw QmpException.generic(
        "unknown topic: 'info %s'%s".formatted(topic, NearestName.hint(topic, topics)));
  }

  static void requireCount(String name, List<String> arguments, int least, int most)
      throws QmpException {
    if (arguments.size() < least || arguments.size() > most) {
      String expected = least == most ? "" + least : least + " to " + most;
      throw QmpException.generic(
          "%s takes %s argument%s, got %d; try 'help %s'"
              .formatted(name, expected, most == 1 ? "" : "s", arguments.size(), name));
    }
  }

  /** Words between blanks; double quotes hold blanks together. */
  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    boolean any = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
        any = true;
      } else if (quoted || !Character.isWhitespace(c)) {
        word.append(c);
        any = true;
      } else if (any) {
        words.add(word.toString());
        word.setLength(0);
        any = false;
      }
    }
    if (any) {
      words.add(word.toString());
    }
    return words;
  }
}
