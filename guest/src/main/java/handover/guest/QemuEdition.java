package handover.guest;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A QEMU that Debian's archive has, and where in it. */
public enum QemuEdition {
  /** Debian 13's. */
  QEMU_10_0("10.0", "trixie"),
  /** Debian 13's backports'. */
  QEMU_11_1("11.1", "trixie trixie-backports");

  private final String version;
  private final String suites;

  QemuEdition(String version, String suites) {
    this.version = version;
    this.suites = suites;
  }

  /** Major and minor number, {@code 11.1}. */
  public String version() {
    return version;
  }

  /** Suites whose indexes are needed; QEMU is in the last. */
  List<String> suites() {
    return List.of(suites.split(" "));
  }

  /** Finds by {@link #version}. */
  public static Optional<QemuEdition> named(String version) {
    return Arrays.stream(values()).filter(e -> e.version.equals(version)).findFirst();
  }
}
