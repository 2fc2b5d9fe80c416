package handover.vmstate;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The version number that each QEMU release gives a section or subsection, where it has it. */
public final class Versions {
  private final EnumMap<QemuRelease, Integer> numbers;

  private Versions(EnumMap<QemuRelease, Integer> numbers) {
    this.numbers = numbers;
  }

  /** The same version in every release. */
  public static Versions always(int version) {
    return since(QemuRelease.oldest(), version);
  }

  /** Not there before {@code first}. */
  public static Versions since(QemuRelease first, int version) {
    return new Versions(new EnumMap<>(QemuRelease.class)).from(first, version);
  }

  /** Another version from {@code release} on. */
  public Versions then(QemuRelease release, int version) {
    return from(release, version);
  }

  /** Not there any more after {@code last}. */
  public Versions until(QemuRelease last) {
    EnumMap<QemuRelease, Integer> fewer = new EnumMap<>(numbers);
    fewer.keySet().removeIf(release -> !last.isSince(release));
    return new Versions(fewer);
  }

  private Versions from(QemuRelease first, int version) {
    EnumMap<QemuRelease, Integer> more = new EnumMap<>(numbers);
    for (QemuRelease release : QemuRelease.values()) {
      if (release.isSince(first)) {
        more.put(release, version);
      }
    }
    return new Versions(more);
  }

  /** What {@code release} writes; empty if it has no such section. */
  public OptionalInt at(QemuRelease release) {
    Integer number = numbers.get(release);
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /** The newest release that writes this version, whose layout it then has. */
  public Optional<QemuRelease> writtenBy(int version) {
    return numbers.entrySet().stream()
        .filter(e -> e.getValue() == version)
        .map(Map.Entry::getKey)
        .reduce((older, newer) -> newer);
  }

  /** The first release of all that has it. */
  QemuRelease first() {
    return numbers.keySet().iterator().next();
  }

  /** Whether every release has it. */
  public boolean everywhere() {
    return numbers.size() == QemuRelease.values().length;
  }

  /** The highest number. */
  public int highest() {
    return Collections.max(numbers.values());
  }

  /** The lowest number. */
  public int lowest() {
    return Collections.min(numbers.values());
  }

  /** Every number once, ascending, for messages. */
  @Override
  public String toString() {
    List<String> all = new TreeSet<>(numbers.values()).stream().map(String::valueOf).toList();
    return all.stream().collect(Collectors.joining(", "));
  }
}
