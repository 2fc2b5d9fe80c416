package handover.migration;

/**
 * One thing on which two machines do not agree.
 *
 * @param path what: a property, block or section
 * @param source its value on the source
 * @param destination its value on the destination
 * @param remedy what to change
 */
public record Difference(String path, String source, String destination, String remedy) {
  /** The difference in one sentence. */
  public String inWords() {
    return "%s: %s on the source, %s on the destination; %s"
        .formatted(path, source, destination, remedy);
  }
}
