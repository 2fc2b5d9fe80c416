package handover.diagnosis.stream;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of the machine a stream is meant for: from a stream that it wrote itself, or from
 * its monitor. What is not known is not compared.
 *
 * @param machine machine type
 * @param capabilities those of the configuration section that are on, if known
 * @param blocks RAM block → size; empty if not known
 * @param sections section label → what it is like
 * @param allSections whether a section that is not listed does not exist
 * @param hostFeatures section label → virtio features offered
 */
public record Destination(
    Optional<String> machine,
    Optional<Set<String>> capabilities,
    Map<String, Long> blocks,
    Map<String, Expectation> sections,
    boolean allSections,
    Map<String, Long> hostFeatures) {

  /**
   * A section as the destination would write it.
   *
   * @param version its version
   * @param layout its fields, where a description tells them
   * @param values values the destination compares, by path
   * @param configs PCI configuration spaces, by path
   */
  public record Expectation(
      long version,
      Optional<DescribedState> layout,
      Map<String, String> values,
      Map<String, byte[]> configs) {}
}
