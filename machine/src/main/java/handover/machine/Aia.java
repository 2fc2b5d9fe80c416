package handover.machine;

import handover.devices.Aplic;
import handover.devices.Imsic;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

  /** That of a board whose stream has these sections. */
  static Aia having(Set<String> sections) {
    if (sections.contains(Imsic.SECTION)) {
      return APLIC_IMSIC;
    }
    return sections.contains(Aplic.SECTION) ? APLIC : NONE;
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
