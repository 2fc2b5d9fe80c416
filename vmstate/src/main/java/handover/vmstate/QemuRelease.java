package handover.vmstate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Releases of QEMU between which the stream of the {@code virt} machine changed: what a declaration
 * tells its editions apart by, and what {@code -M virt,stream=} chooses among.
 *
 * <p>A release stands for every later one until the next: QEMU 9.2 reads and writes what 10.0 does
 * only where the declarations say nothing else.
 */
public enum QemuRelease {
  /** Debian 12. */
  QEMU_7_2("qemu-7.2"),
  /** Debian 13, and Debian 12's backports. */
  QEMU_10_0("qemu-10.0"),
  /** The first with the machine timer's deadlines in the stream. */
  QEMU_10_2("qemu-10.2"),
  /** Debian 13's backports. */
  QEMU_11_1("qemu-11.1");

  private final String wireName;

  QemuRelease(String wireName) {
    this.wireName = wireName;
  }

  /** Name after {@code stream=}. */
  public String wireName() {
    return wireName;
  }

  /** What is written unless another is asked for. */
  public static QemuRelease usual() {
    return QEMU_10_0;
  }

  /** The newest, whose fields the iterative form has. */
  public static QemuRelease newest() {
    return QEMU_11_1;
  }

  /** The oldest. */
  public static QemuRelease oldest() {
    return QEMU_7_2;
  }

  /** Finds by {@link #wireName}. */
  public static Optional<QemuRelease> named(String name) {
    return Arrays.stream(values()).filter(r -> r.wireName.equals(name)).findFirst();
  }

  /** Every name, oldest first. */
  public static List<String> names() {
    return Arrays.stream(values()).map(QemuRelease::wireName).toList();
  }

  /** Whether this is {@code other} or came after it. */
  public boolean isSince(QemuRelease other) {
    return compareTo(other) >= 0;
  }
}
