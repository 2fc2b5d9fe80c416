package handover.devices;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The values of one device's declared properties, checked when they were bound. */
public final class PropertyValues {
  private static final Pattern MAC_ADDRESS = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

  private final List<Property> declared;
  private final Map<String, String> values = new LinkedHashMap<>();

  private PropertyValues(List<Property> declared) {
    this.declared = declared;
    declared.forEach(p -> values.put(p.name(), p.initially()));
  }

  /**
   * Checks {@code given} against the declaration. Every problem goes to {@code problems}, and the
   * values are then not to be used.
   *
   * @param driver who is asking, for messages
   */
  public static PropertyValues bind(
      String driver,
      List<Property> declared,
      Map<String, String> given,
      Consumer<String> problems) {
    PropertyValues bound = new PropertyValues(declared);
    given.forEach((name, value) -> bound.bindOne(driver, name, value, problems));
    return bound;
  }

  /** These values and {@code others}, which are of other properties. */
  public PropertyValues and(PropertyValues others) {
    List<Property> all = new ArrayList<>(declared);
    all.addAll(others.declared);
    PropertyValues both = new PropertyValues(List.copyOf(all));
    both.values.putAll(values);
    both.values.putAll(others.values);
    return both;
  }

  /** What was declared. */
  public List<Property> declared() {
    return declared;
  }

  /** The value as text. */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no property '" + name + "'");
    }
    return value;
  }

  /** A {@link Property.Kind#BOOL}'s value. */
  public boolean flag(String name) {
    return text(name).equals("on");
  }

  /** A {@link Property.Kind#NUMBER}'s value. */
  public int number(String name) {
    return Integer.parseInt(text(name));
  }

  /** A {@link Property.Kind#MAC}'s six bytes. */
  public byte[] mac(String name) {
    String[] parts = text(name).split(":", -1);
    byte[] mac = new byte[6];
    for (int i = 0; i < 6; i++) {
      mac[i] = (byte) Integer.parseInt(parts[i], 16);
    }
    return mac;
  }

  /** Replaces a value that a device works out itself, such as a default MAC. */
  public void set(String name, String value) {
    values.put(name, value);
  }

  private void bindOne(String driver, String name, String value, Consumer<String> problems) {
    declared.stream()
        .filter(p -> p.name().equals(name))
        .findFirst()
        .ifPresentOrElse(
            p -> {
              if (fits(p.kind(), value)) {
                values.put(name, canonical(p.kind(), value));
              } else {
                problems.accept(
                    "%s: property '%s' expects %s, got '%s'"
                        .formatted(driver, name, expectation(p.kind()), value));
              }
            },
            () ->
                problems.accept(
                    "%s has no property '%s'%s"
                        .formatted(
                            driver,
                            name,
                            NearestName.hint(
                                name, declared.stream().map(Property::name).toList()))));
  }

  private static boolean fits(Property.Kind kind, String value) {
    return switch (kind) {
      case BOOL -> Property.truth(value).isPresent();
      case ON_OFF_AUTO -> Property.truth(value).isPresent() || value.equals("auto");
      case NUMBER -> value.matches("[0-9]{1,9}");
      case MAC ->
          MAC_ADDRESS.matcher(value).matches()
              && (Integer.parseInt(value.substring(0, 2), 16) & 1) == 0;
      case TEXT -> true;
    };
  }

  private static String canonical(Property.Kind kind, String value) {
    return switch (kind) {
      case BOOL, ON_OFF_AUTO -> Property.truth(value).orElse(value);
      case NUMBER, MAC, TEXT -> value;
    };
  }

  private static String expectation(Property.Kind kind) {
    return switch (kind) {
      case BOOL -> "on or off";
      case ON_OFF_AUTO -> "on, off or auto";
      case NUMBER -> "a number";
      case MAC -> "a unicast MAC address such as 52:54:00:12:34:56";
      case TEXT -> "text";
    };
  }
}
