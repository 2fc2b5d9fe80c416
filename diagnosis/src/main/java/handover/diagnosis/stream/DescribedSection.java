package handover.diagnosis.stream;

import handover.vmstate.SectionHeader;

/**
 * A section as the description tells it.
 *
 * @param name its id string
 * @param instanceId its instance
 * @param state what it holds
 */
public record DescribedSection(String name, int instanceId, DescribedState state) {
  /** Name and instance. */
  public String label() {
    return SectionHeader.label(name, instanceId);
  }
}
