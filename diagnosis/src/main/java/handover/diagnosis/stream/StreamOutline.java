package handover.diagnosis.stream;

import handover.vmstate.Configuration;
import java.util.List;
import java.util.Optional;

/**
 * A stream, walked from end to end.
 *
 * @param configuration what it begins with, unless it broke before
 * @param items everything at section boundaries that is whole, in order
 * @param ram what its RAM sections hold, also up to a break inside one
 * @param description the description at its end
 * @param end bytes that were walked
 * @param broken why the walk ended early, if it did
 */
public record StreamOutline(
    Optional<Configuration> configuration,
    List<StreamItem> items,
    RamTally ram,
    Optional<StreamDescription> description,
    long end,
    Optional<Break> broken) {

  /**
   * Where a stream cannot be followed any further.
   *
   * @param offset byte of the stream
   * @param inside the section or other thing it lies in
   * @param began where that began
   * @param reason expectation and finding
   */
  public record Break(long offset, String inside, long began, String reason) {}

  /** Its sections, in order. */
  public List<StreamItem.Section> sections() {
    return items.stream()
        .filter(StreamItem.Section.class::isInstance)
        .map(StreamItem.Section.class::cast)
        .toList();
  }

  /** The section that brings the whole state of {@code label}, if the stream has it. */
  public Optional<StreamItem.Section> section(String label) {
    return sections().stream()
        .filter(s -> s.header().version() != 0 || s.parts() == 1)
        .filter(s -> s.label().equals(label))
        .findFirst();
  }
}
