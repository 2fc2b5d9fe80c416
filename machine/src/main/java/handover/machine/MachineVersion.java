package handover.machine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Versions of our {@code virt} machine: what {@code iterative-mig=auto} means is pinned here, so
 * that an old machine moved with new software behaves as it did.
 */
public enum MachineVersion {
  /** {@code auto} means off. */
  VIRT_1_0("virt-1.0", false),
  /** {@code auto} means: on if both sides can. */
  VIRT_1_1("virt-1.1", true);

  /** Most harts of any. */
  public static final int MAX_HARTS = 8;

  private final String wireName;
  private final boolean autoNegotiates;

  MachineVersion(String wireName, boolean autoNegotiates) {
    this.wireName = wireName;
    this.autoNegotiates = autoNegotiates;
  }

  /** Name after {@code -M}. */
  public String wireName() {
    return wireName;
  }

  /** Whether {@code iterative-mig=auto} may become on. */
  public boolean autoNegotiates() {
    return autoNegotiates;
  }

  /** The newest, which plain {@code virt} stands for. */
  public static MachineVersion newest() {
    return VIRT_1_1;
  }

  /** Finds by name; {@code virt} is the newest. */
  public static Optional<MachineVersion> named(String name) {
    return name.equals("virt")
        ? Optional.of(newest())
        : Arrays.stream(values()).filter(v -> v.wireName.equals(name)).findFirst();
  }

  /** Every name accepted after {@code -M}. */
  public static List<String> names() {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of("virt"),
            Arrays.stream(values()).map(MachineVersion::wireName))
        .toList();
  }
}
