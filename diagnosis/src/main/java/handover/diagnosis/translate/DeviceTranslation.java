package handover.diagnosis.translate;

import handover.diagnosis.stream.VirtioSection;
import handover.diagnosis.translate.ArrivedSection.Loaded;
import handover.machine.BoardSections;
import handover.machine.MachineSpecException;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.VmDescription;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * All device sections of a stream: read by the board's declarations, written as another release
 * does. A virtio device's section is the same in every release; it is looked into, and copied.
 */
final class DeviceTranslation {
  private static final int PAGE = 4096;
  private static final String CPU = "cpu";

  private final List<ArrivedSection> arrived;
  private final QemuRelease release;
  private final boolean largeQueues;
  private final List<String> changes = new ArrayList<>();

  /**
   * A translation to {@code release}.
   *
   * @param largeQueues whether the destination's virtio queues are as large as the guest has them
   */
  DeviceTranslation(List<ArrivedSection> arrived, QemuRelease release, boolean largeQueues) {
    this.arrived = arrived;
    this.release = release;
    this.largeQueues = largeQueues;
  }

  /** Number of harts. */
  int harts() {
    return (int) arrived.stream().filter(s -> s.header().name().equals(CPU)).count();
  }

  private Set<String> names() {
    return arrived.stream().map(s -> s.header().name()).collect(Collectors.toSet());
  }

  /** Labels of the devices on PCI or virtio-mmio. */
  List<String> virtio() {
    return arrived.stream().map(ArrivedSection::label).filter(VirtioSection::is).toList();
  }

  /** What is written otherwise than it came, in words. */
  List<String> changes() {
    return changes;
  }

  /**
   * Appends every section, in the order in which they came.
   *
   * @return the description of what was written
   * @throws StreamException with everything that cannot be translated
   */
  byte[] write(WireWriter out) {
    try (BoardSections board = BoardSections.of(Math.max(1, harts()), names())) {
      Map<String, Migratable<?>> declared = new LinkedHashMap<>();
      board
          .all()
          .forEach(d -> declared.put(SectionHeader.label(d.sectionName(), d.instanceId()), d));
      requireKnown(declared);
      requireQueues();
      requireWilling(declared);
      return write(load(declared), out);
    } catch (MachineSpecException e) {
      throw new StreamException(
          "a machine with %d harts: %s".formatted(harts(), String.join("; ", e.problems())), e);
    }
  }

  private void requireKnown(Map<String, Migratable<?>> declared) {
    List<String> problems = new ArrayList<>();
    TreeSet<String> missing = new TreeSet<>();
    declared.forEach(
        (label, device) -> {
          if (device.declaration().versions().everywhere()) {
            missing.add(label);
          }
        });
    for (ArrivedSection section : arrived) {
      missing.remove(section.label());
      String name = section.header().name();
      boolean known =
          VirtioSection.is(name)
              ? QueueRoom.knows(VirtioSection.device(name))
              : declared.containsKey(section.label());
      if (!known) {
        problems.add(
            "section '%s', at byte %d, is of a device whose state is not known here, so that nobody can say what %s makes of it"
                    .formatted(section.label(), section.offset(), release.wireName())
                + hint(name));
      }
    }
    missing.forEach(
        label ->
            problems.add(
                "section '%s' is missing, which every virt board of RISC-V has".formatted(label)));
    if (!problems.isEmpty()) {
      throw new StreamException(String.join("\n  ", problems));
    }
  }

  private static String hint(String name) {
    return name.startsWith("slirp")
        ? "; it comes from -netdev user: use another netdev"
        : "; boot the guest without it";
  }

  /**
   * QEMU 11.1 does not load a queue with more entries than the device has room for, be it in use or
   * not; a queue that no driver has set up yet has no size but the device's.
   */
  private void requireQueues() {
    List<String> problems = new ArrayList<>();
    for (ArrivedSection section : arrived) {
      if (VirtioSection.is(section.header().name())) {
        queues(section, problems);
      }
    }
    if (!problems.isEmpty()) {
      throw new StreamException(
          "%s does not load queues larger than the device's:%n  %s%nIf the destination's device has them that large (rx_queue_size=, queue-size=), say --large-queues; otherwise boot the guest anew with smaller ones"
              .formatted(release.wireName(), String.join("\n  ", problems)));
    }
  }

  private void queues(ArrivedSection section, List<String> problems) {
    String name = section.header().name();
    List<VirtioSection.Queue> queues =
        VirtioSection.queues(section.reader(), section.payload().length, name);
    boolean narrow = release.isSince(QemuRelease.QEMU_11_1) && !largeQueues;
    for (int i = 0; narrow && i < queues.size(); i++) {
      VirtioSection.Queue queue = queues.get(i);
      int room = QueueRoom.of(VirtioSection.device(name), i, queues.size()).orElseThrow();
      if (queue.entries() > room && queue.descriptors() == 0) {
        section.u32(queue.offset(), room);
      } else if (queue.entries() > room) {
        problems.add(
            "%s: queue %d: the guest uses %d entries, where the device has %d unless told otherwise"
                .formatted(name, i, queue.entries(), room));
      }
    }
  }

  /** What stands in the way of a live move stands in that of this one. */
  private void requireWilling(Map<String, Migratable<?>> declared) {
    List<String> obstacles =
        arrived.stream()
            .map(section -> declared.get(section.label()))
            .filter(Objects::nonNull)
            .flatMap(device -> device.obstacle(release).stream())
            .distinct()
            .toList();
    if (!obstacles.isEmpty()) {
      throw new StreamException(String.join("\n  ", obstacles));
    }
  }

  /** In the board's order, which is the one to commit in; found again by header. */
  private Map<String, Loaded<?>> load(Map<String, Migratable<?>> declared) {
    Map<String, ArrivedSection> byLabel = new LinkedHashMap<>();
    for (ArrivedSection section : arrived) {
      if (byLabel.put(section.label(), section) != null) {
        throw new StreamException("section %s came twice".formatted(section.label()));
      }
    }
    Map<String, Loaded<?>> loaded = new LinkedHashMap<>();
    int id = arrived.stream().mapToInt(s -> s.header().id()).max().orElse(0);
    for (Map.Entry<String, Migratable<?>> entry : declared.entrySet()) {
      ArrivedSection section = byLabel.get(entry.getKey());
      loaded.put(
          entry.getKey(),
          section == null
              ? Loaded.absent(entry.getValue(), ++id)
              : load(section, entry.getValue()));
    }
    return loaded;
  }

  private static <S> Loaded<S> load(ArrivedSection section, Migratable<S> device) {
    try {
      return Loaded.of(section, device);
    } catch (StreamException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new StreamException("section %s: %s".formatted(section.label(), e), e);
    }
  }

  private byte[] write(Map<String, Loaded<?>> loaded, WireWriter out) {
    VmDescription description = new VmDescription(PAGE, release);
    for (ArrivedSection section : arrived) {
      Loaded<?> known = loaded.remove(section.label());
      if (known == null) {
        copy(section, out, description);
      } else {
        write(known, section.header().version(), out, description);
      }
    }
    for (Loaded<?> absent : loaded.values()) {
      if (absent.in(release)) {
        changes.add(absent.device().sectionName() + " added");
        absent.save(out, description, release);
      }
    }
    return description.finish();
  }

  private void write(Loaded<?> section, int version, WireWriter out, VmDescription description) {
    String name = section.header().name();
    if (!section.in(release)) {
      changes.add(name + " left out");
      return;
    }
    section.save(out, description, release);
    int now = section.device().declaration().versionIn(release);
    if (now != version) {
      String change = "%s version %d → %d".formatted(name, version, now);
      if (!changes.contains(change)) {
        changes.add(change);
      }
    }
  }

  private static void copy(ArrivedSection section, WireWriter out, VmDescription description) {
    SectionHeader header = section.header();
    header.write(out);
    out.bytes(section.payload());
    header.writeFooter(out);
    description.opaque(
        header, VirtioSection.device(header.name()), "virtio", section.payload().length);
  }
}
