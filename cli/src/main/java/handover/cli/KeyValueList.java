package handover.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * QEMU's option syntax: {@code WORD,KEY=VALUE,KEY=VALUE}. A comma inside a value is written twice;
 * a key without value means {@code on}.
 */
final class KeyValueList {
  private KeyValueList() {}

  /**
   * Splits.
   *
   * @param impliedKey the key that a leading value without {@code =} belongs to
   * @param problems told of keys given twice and keys that are empty
   */
  static Map<String, String> parse(String text, String impliedKey, Consumer<String> problems) {
    Map<String, String> values = new LinkedHashMap<>();
    List<String> items = split(text);
    for (int i = 0; i < items.size(); i++) {
      String item = items.get(i);
      int equals = item.indexOf('=');
      if (equals < 0 && i == 0) {
        put(values, impliedKey, item, problems);
      } else if (equals < 0) {
        put(values, item, "on", problems);
      } else {
        put(values, item.substring(0, equals), item.substring(equals + 1), problems);
      }
    }
    return values;
  }

  private static void put(
      Map<String, String> values, String key, String value, Consumer<String> problems) {
    if (key.isEmpty()) {
      problems.accept(
          "expected KEY=VALUE, got '" + value + "'; a comma in a value is written ',,'");
    } else if (values.putIfAbsent(key, value) != null) {
      problems.accept("'" + key + "' is given twice");
    }
  }

  /** At single commas; double ones become one and separate nothing. */
  private static List<String> split(String text) {
    List<String> items = new ArrayList<>();
    StringBuilder item = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ',') {
        item.append(c);
      } else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
        item.append(c);
        i++;
      } else {
        items.add(item.toString());
        item.setLength(0);
      }
    }
    items.add(item.toString());
    return items;
  }
}
