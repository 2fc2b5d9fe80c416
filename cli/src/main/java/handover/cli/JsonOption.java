package handover.cli;

import handover.monitor.json.Json;
import handover.monitor.json.JsonReader;
import handover.monitor.json.JsonSyntaxException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * QEMU's other option syntax, a JSON object. Members of objects within it get dotted keys, so that
 * {@code {"addr": {"type": "unix"}}} is {@code addr.type=unix}.
 */
final class JsonOption {
  private JsonOption() {}

  /**
   * Understands.
   *
   * @param problems told of what is no JSON object, and of values that are neither text, number,
   *     truth value nor object
   */
  static Map<String, String> parse(String text, Consumer<String> problems) {
    Map<String, String> values = new LinkedHashMap<>();
    JsonReader reader =
        new JsonReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    try {
      Optional<Json> value = reader.next();
      if (value.orElse(Json.Null.NULL) instanceof Json.Obj object && reader.next().isEmpty()) {
        flatten("", object, values, problems);
      } else {
        problems.accept("expected one JSON object");
      }
    } catch (JsonSyntaxException | IOException e) {
      problems.accept(e.getMessage());
    }
    return values;
  }

  private static void flatten(
      String prefix, Json.Obj object, Map<String, String> values, Consumer<String> problems) {
    object
        .members()
        .forEach(
            (name, value) -> {
              switch (value) {
                case Json.Obj inner -> flatten(prefix + name + ".", inner, values, problems);
                case Json.Str(String word) -> values.put(prefix + name, word);
                case Json.Bool(boolean on) -> values.put(prefix + name, on ? "on" : "off");
                case Json.Int number -> values.put(prefix + name, number.toString());
                default ->
                    problems.accept(
                        "'%s' expects a string, a whole number, true or false, got %s"
                            .formatted(prefix + name, value));
              }
            });
  }
}
