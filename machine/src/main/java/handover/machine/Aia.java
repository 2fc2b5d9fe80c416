package handover.machine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code -M virt,aia=}: which interrupt controllers the board has. */
enum Aia {
  /** A PLIC. */
  NONE("none"),
  /** APLIC domains with a wire to each hart. */
  APLIC("aplic"),
  /** APLIC domains that send messages to interrupt files, which take those of PCI as well. */
  APLIC_IMSIC("aplic-imsic");

  private final String wireName;

  Aia(String wireName) {
    this.wireName = wireName;
  }

  /** Name after {@code aia=}. */
  String wireName() {
    return wireName;
  }

  /** Finds by {@link #wireName}. */
  static Optional<Aia> named(String name) {
    return Arrays.stream(values()).filter(a -> a.wireName.equals(name)).findFirst();
  }

  /** Every name. */
  static List<String> names() {
    return Arrays.stream(values()).map(Aia::wireName).toList();
  }

  /** Whether harts have interrupt files, and so Smaia and Ssaia. */
  boolean messages() {
    return this == APLIC_IMSIC;
  }
}
