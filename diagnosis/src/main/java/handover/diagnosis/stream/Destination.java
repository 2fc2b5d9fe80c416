package handover.diagnosis.stream;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * What is known of the machine a stream is meant for: from a stream that it wrote itself, or from
 * its monitor. What is not known is not compared.
 *
 * @param machine machine type
 * @param capabilities those of the configuration section that are on, if known
 * @param blocks RAM block → size; empty if not known
 * @param sections section label → what it is like
 * @param missing why a section of that label does not exist there, if it is known not to
 * @param hostFeatures section label → virtio features offered
 * @param barSizes section label → size of each BAR, by its number
 * @param cpus number of CPUs, if known
 */
public record Destination(
    Optional<String> machine,
    Optional<Set<String>> capabilities,
    Map<String, Long> blocks,
    Map<String, Expectation> sections,
    Function<String, Optional<String>> missing,
    Map<String, Long> hostFeatures,
    Map<String, Map<Integer, Long>> barSizes,
    OptionalInt cpus) {

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
