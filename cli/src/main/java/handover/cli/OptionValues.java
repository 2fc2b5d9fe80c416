package handover.cli;

import handover.machine.MachineSpec.Backend;
import handover.monitor.MonitorAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads what QEMU's options take as values. What is not understood goes to {@code problems}, with
 * the option's name.
 */
record OptionValues(Consumer<String> problems) {
  /** {@code KEY=VALUE,...}, or a JSON object; the first value may lack its key. */
  Map<String, String> keyValues(String option, String text, String impliedKey) {
    Consumer<String> named = p -> problems.accept(option + " " + text + ": " + p);
    return text.startsWith("{")
        ? JsonOption.parse(text, named)
        : new LinkedHashMap<>(KeyValueList.parse(text, impliedKey, named));
  }

  /** The same for an option that has one key only: its value, or {@code otherwise}. */
  String single(String option, String text, String key, String otherwise) {
    Map<String, String> values = keyValues(option, text, key);
    values.keySet().stream()
        .filter(other -> !other.equals(key))
        .forEach(
            other -> problems.accept("%s knows only '%s', not '%s'".formatted(option, key, other)));
    return values.getOrDefault(key, otherwise);
  }

  /** What begins with its kind, as devices and back ends do. */
  Backend backend(String option, String text, String impliedKey) {
    Map<String, String> values = keyValues(option, text, impliedKey);
    String kind = Optional.ofNullable(values.remove(impliedKey)).orElse("");
    if (kind.isEmpty()) {
      problems.accept(
          "%s %s: it must begin with a %s; '%s help' lists them"
              .formatted(option, text, impliedKey, option));
    }
    return new Backend(kind, values);
  }

  /** Whether a backend asks for help instead of being one. */
  static boolean asksForHelp(Backend backend) {
    return backend.kind().equals("help") || backend.properties().containsKey("help");
  }

  Optional<Path> path(String option, String text) {
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      problems.accept("%s %s: %s".formatted(option, text, e.getReason()));
      return Optional.empty();
    }
  }

  Optional<MonitorAddress> address(String option, String text) {
    try {
      return Optional.of(MonitorAddress.parse(text));
    } catch (IllegalArgumentException e) {
      problems.accept("%s: %s".formatted(option, e.getMessage()));
      return Optional.empty();
    }
  }
}
