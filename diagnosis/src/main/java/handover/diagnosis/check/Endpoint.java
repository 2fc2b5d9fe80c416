package handover.diagnosis.check;

import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import handover.monitor.json.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A QMP server that is only ever asked. A question it does not know has no answer. */
final class Endpoint {
  private final QmpClient client;

  Endpoint(QmpClient client) {
    this.client = client;
  }

  Optional<Json> ask(String query) throws IOException {
    return ask(query, Json.Obj.EMPTY);
  }

  Optional<Json> ask(String query, Json.Obj arguments) throws IOException {
    try {
      return Optional.of(client.execute(query, arguments));
    } catch (QmpErrorException e) {
      return Optional.empty();
    }
  }

  /** An object, empty without an answer. */
  Json.Obj object(String query) throws IOException {
    return object(ask(query));
  }

  static Json.Obj object(Optional<Json> answer) {
    return answer
        .filter(Json.Obj.class::isInstance)
        .map(Json.Obj.class::cast)
        .orElse(Json.Obj.EMPTY);
  }

  /** The objects of an array, none without an answer. */
  List<Json.Obj> objects(String query) throws IOException {
    return objects(ask(query));
  }

  static List<Json.Obj> objects(Optional<Json> answer) {
    return answer.isPresent() && answer.get() instanceof Json.Arr(List<Json> elements)
        ? elements.stream().filter(Json.Obj.class::isInstance).map(Json.Obj.class::cast).toList()
        : List.of();
  }

  /** What a line for the human monitor prints; nothing where there is none. */
  String human(String line) throws IOException {
    Json.Obj arguments = Json.object().with("command-line", line).build();
    return ask("human-monitor-command", arguments)
        .filter(Json.Str.class::isInstance)
        .map(a -> ((Json.Str) a).value())
        .orElse("");
  }

  Optional<Json> get(String path, String property) throws IOException {
    return ask("qom-get", Json.object().with("path", path).with("property", property).build());
  }

  /** Entries of {@code qom-list}. */
  List<Json.Obj> list(String path) throws IOException {
    return objects(ask("qom-list", Json.object().with("path", path).build()));
  }

  /** The properties of an object that have plain values. */
  Map<String, String> properties(String path) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    for (Json.Obj entry : list(path)) {
      String name = entry.text("name").orElse("");
      String type = entry.text("type").orElse("");
      if (plain(name, type)) {
        get(path, name).ifPresent(value -> values.put(name, words(value)));
      }
    }
    return values;
  }

  private static boolean plain(String name, String type) {
    return !type.startsWith("child<")
        && !type.startsWith("link<")
        && !type.startsWith("struct")
        && !name.equals("type")
        && !name.contains("[");
  }

  /** A value without the quotes of a string. */
  static String words(Json value) {
    return switch (value) {
      case Json.Str(String text) -> text;
      case Json.Bool(boolean on) -> on ? "on" : "off";
      default -> value.toString();
    };
  }
}
