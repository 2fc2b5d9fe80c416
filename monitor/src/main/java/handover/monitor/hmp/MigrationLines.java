package handover.monitor.hmp;

import handover.devices.NearestName;
import handover.migration.Capability;
import handover.migration.Parameter;
import handover.monitor.json.Json;
import handover.monitor.qmp.CommandTable;
import handover.monitor.qmp.QmpException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The human monitor's migration commands. */
final class MigrationLines {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})([kKmMgG]?)");
  private static final List<String> CAPABILITIES =
      Arrays.stream(Capability.values()).map(Capability::wireName).toList();
  private static final List<String> PARAMETERS =
      Arrays.stream(Parameter.values()).map(Parameter::wireName).toList();

  private final CommandTable table;

  MigrationLines(CommandTable table) {
    this.table = table;
  }

  List<HumanCommand> commands() {
    return List.of(
        new HumanCommand(
            "migrate",
            "[-d] uri",
            "sends the machine to uri (tcp:HOST:PORT, unix:PATH, file:PATH); -d: does not wait",
            this::migrate),
        new HumanCommand("migrate_cancel", "", "cancels the outgoing migration", this::cancel),
        new HumanCommand(
            "migrate_incoming",
            "uri",
            "waits for a machine at uri; needs -incoming defer",
            arguments -> withUri("migrate_incoming", "migrate-incoming", arguments)),
        new HumanCommand(
            "migrate_set_capability",
            "capability on|off",
            "switches a capability: " + String.join(", ", CAPABILITIES),
            List.of(CAPABILITIES, List.of("on", "off")),
            this::setCapability),
        new HumanCommand(
            "migrate_set_parameter",
            "parameter value",
            "sets a parameter: " + String.join(", ", PARAMETERS),
            List.of(PARAMETERS),
            this::setParameter));
  }

  private String migrate(List<String> arguments) throws QmpException {
    return withUri("migrate", "migrate", arguments.stream().filter(a -> !a.equals("-d")).toList());
  }

  private String withUri(String name, String command, List<String> arguments) throws QmpException {
    HumanMonitor.requireCount(name, arguments, 1, 1);
    table.execute(command, Json.object().with("uri", arguments.getFirst()).build());
    return "";
  }

  private String cancel(List<String> arguments) throws QmpException {
    HumanMonitor.requireCount("migrate_cancel", arguments, 0, 0);
    table.execute("migrate_cancel", Json.Obj.EMPTY);
    return "";
  }

  private String setCapability(List<String> arguments) throws QmpException {
    HumanMonitor.requireCount("migrate_set_capability", arguments, 2, 2);
    Json.Obj state =
        Json.object()
            .with("capability", arguments.get(0))
            .with("state", onOrOff(arguments.get(1)))
            .build();
    table.execute(
        "migrate-set-capabilities",
        Json.object().with("capabilities", Json.of(List.of(state))).build());
    return "";
  }

  private static boolean onOrOff(String word) throws QmpException {
    return switch (word) {
      case "on" -> true;
      case "off" -> false;
      default -> throw QmpException.generic("expected on or off, got '" + word + "'");
    };
  }

  private String setParameter(List<String> arguments) throws QmpException {
    HumanMonitor.requireCount("migrate_set_parameter", arguments, 2, 2);
    String name = arguments.get(0);
    if (Parameter.named(name).isEmpty()) {
      List<String> known = Arrays.stream(Parameter.values()).map(Parameter::wireName).toList();
      throw QmpException.generic(
          "unknown parameter: '%s'%s".formatted(name, NearestName.hint(name, known)));
    }
    table.execute(
        "migrate-set-parameters", Json.object().with(name, number(arguments.get(1))).build());
    return "";
  }

  /** A number; k, M and G multiply by powers of 1024, as QEMU's sizes do. */
  private static long number(String text) throws QmpException {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw QmpException.generic("expected a number such as 300 or 64M, got '" + text + "'");
    }
    int shift =
        switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
    } catch (ArithmeticException e) {
      throw QmpException.generic("'" + text + "' does not fit 64 bits");
    }
  }
}
