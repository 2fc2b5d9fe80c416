package handover.migration;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A part of a stream that a destination may fail over, and what it compares there with what it has
 * itself.
 *
 * @param name of the part, in words
 * @param sent property → value on this side
 */
record StreamPart(String name, Map<String, String> sent) {
  /** The header and the CONFIGURATION section. */
  static StreamPart configuration(Offer offer) {
    return new StreamPart("the configuration", Map.of("machine type (-M)", offer.machineType()));
  }

  /** The list of RAM blocks. */
  static StreamPart blocks(Offer offer) {
    Map<String, String> sizes = new LinkedHashMap<>();
    for (Offer.Block block : offer.blocks()) {
      sizes.put(block.name(), "%d bytes".formatted(block.bytes()));
    }
    return new StreamPart("the list of RAM blocks (memory)", sizes);
  }

  /** Memory itself. */
  static StreamPart pages(Offer offer) {
    return new StreamPart("pages of memory", Map.of());
  }

  /**
   * A device's section, in which its own properties are compared; of one that has none, those of
   * the whole machine, such as the number of harts.
   */
  static StreamPart section(Offer offer, String label) {
    String prefix = label + ".";
    Map<String, String> own = properties(offer, path -> path.startsWith(prefix));
    Map<String, String> sent =
        own.isEmpty() ? properties(offer, path -> path.indexOf('.') < 0) : own;
    return new StreamPart("section '%s'".formatted(label), sent);
  }

  /** What follows the last section. */
  static StreamPart end(Offer offer) {
    return new StreamPart("the end mark", Map.of());
  }

  private static Map<String, String> properties(Offer offer, Predicate<String> wanted) {
    Map<String, String> found = new LinkedHashMap<>();
    offer
        .properties()
        .forEach(
            (path, value) -> {
              if (wanted.test(path)) {
                found.put(path.substring(path.lastIndexOf('.') + 1), value);
              }
            });
    return found;
  }

  /**
   * What to make of a destination that ended here.
   *
   * @param certain whether it is known to have read nothing of what follows
   */
  String explanation(boolean certain) {
    String values =
        sent.entrySet().stream()
            .map(e -> "%s=%s".formatted(e.getKey(), e.getValue()))
            .collect(Collectors.joining(", "));
    return "The destination had read everything before %s%s, %s. What its log does not say, 'handover"
            .formatted(
                name,
                values.isEmpty() ? "" : " (sent: %s)".formatted(values),
                certain ? "and did not get past that" : "and perhaps more")
        + " check --source QMP --destination QMP' does: it compares both sides";
  }
}
