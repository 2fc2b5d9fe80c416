package handover.devices;

import java.util.Optional;

/**
 * A device property, declared once: command line, {@code qom-get}, help, validation and the
 * migration agreement read it from here.
 *
 * @param name as typed, such as {@code mac}
 * @param kind what values look like
 * @param initially the value when none is given; empty for "none"
 * @param agreed whether source and destination must have the same value
 * @param description one sentence for help
 */
public record Property(
    String name, Kind kind, String initially, boolean agreed, String description) {

  /** Shapes of values. */
  public enum Kind {
    /** {@code on} or {@code off}. */
    BOOL,
    /** {@code on}, {@code off} or {@code auto}. */
    ON_OFF_AUTO,
    /** A decimal number from 0 to 2^31-1. */
    NUMBER,
    /** {@code 52:54:00:12:34:56}; unicast. */
    MAC,
    /** Anything. */
    TEXT
  }

  /** A decimal number that source and destination must agree on. */
  public static Property number(String name, String initially, String description) {
    return new Property(name, Kind.NUMBER, initially, true, description);
  }

  /** {@code on} or {@code off}, which source and destination must agree on. */
  public static Property flag(String name, String initially, String description) {
    return new Property(name, Kind.BOOL, initially, true, description);
  }

  /** The truth value that a word of QEMU's command line means, as {@code on} or {@code off}. */
  public static Optional<String> truth(String word) {
    return switch (word) {
      case "on", "true", "yes", "y" -> Optional.of("on");
      case "off", "false", "no", "n" -> Optional.of("off");
      default -> Optional.empty();
    };
  }
}
