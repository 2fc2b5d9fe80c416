package handover.diagnosis.check;

/**
 * A difference between two machines, and what it does to a migration.
 *
 * @param rule which rule found it
 * @param subject what differs: device and property, capability, block
 * @param source the source's value
 * @param destination the destination's
 * @param outcome what a QEMU does
 * @param how how that shows
 * @param remedy what to change; empty where nothing need be
 */
public record Difference(
    String rule,
    String subject,
    String source,
    String destination,
    Outcome outcome,
    String how,
    String remedy) {
  /** One line. */
  public String line() {
    return "%s: source %s, destination %s".formatted(subject, quoted(source), quoted(destination));
  }

  private static String quoted(String value) {
    return value.isEmpty() ? "''" : value;
  }
}
