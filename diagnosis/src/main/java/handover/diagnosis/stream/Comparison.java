package handover.diagnosis.stream;

import handover.devices.virtio.VirtioFeatures;
import handover.diagnosis.stream.Finding.Effect;
import handover.vmstate.Configuration;
import handover.vmstate.StreamFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads a stream with a destination's eyes: where would it stop, and why. In stream order. */
public final class Comparison {
  private static final int MACHINE = 8;

  /** Kinds of state of which a QEMU reads no other version than its own. */
  private static final Set<String> STRICT = Set.of("riscv_mtimer");

  /** Blocks of generated tables: they fit as long as they are not larger than there. */
  private static final Set<String> RESIZABLE =
      Set.of("/rom@etc/acpi/tables", "/rom@etc/table-loader", "/rom@etc/acpi/rsdp");

  private final Inspection stream;
  private final Destination destination;
  private final List<Finding> findings = new ArrayList<>();

  private Comparison(Inspection stream, Destination destination) {
    this.stream = stream;
    this.destination = destination;
  }

  /** Everything the destination minds; the first that is rejected ends the load. */
  public static List<Finding> of(Inspection stream, Destination destination) throws IOException {
    Comparison comparison = new Comparison(stream, destination);
    stream.outline().configuration().ifPresent(comparison::configuration);
    stream.outline().ram().blocks().forEach(comparison::block);
    for (StreamItem.Section section : stream.outline().sections()) {
      comparison.section(section);
    }
    return List.copyOf(comparison.findings);
  }

  private void reject(long offset, String device, String field, String reason) {
    findings.add(new Finding(offset, Effect.REJECTED, device, field, reason));
  }

  private void doubt(long offset, String device, String field, String reason) {
    findings.add(new Finding(offset, Effect.DOUBTFUL, device, field, reason));
  }

  private void configuration(Configuration c) {
    destination
        .machine()
        .filter(m -> !m.equals(c.machine()))
        .ifPresent(
            m ->
                reject(
                    MACHINE,
                    "configuration",
                    "machine",
                    "the stream is of '%s', the destination is '%s'; start it with -M %s"
                        .formatted(c.machine(), m, c.machine())));
    destination.capabilities().ifPresent(there -> capabilities(c.capabilities(), there));
  }

  private void capabilities(List<String> here, Set<String> there) {
    Set<String> all = new TreeSet<>(here);
    all.addAll(there);
    for (String name : all) {
      if (here.contains(name) != there.contains(name)) {
        reject(
            MACHINE,
            "configuration",
            "capability " + name,
            "%s in the stream, %s at the destination; set it alike on both sides"
                .formatted(onOff(here.contains(name)), onOff(there.contains(name))));
      }
    }
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  private void block(RamTally.Block block) {
    if (destination.blocks().isEmpty()) {
      return;
    }
    Long there = destination.blocks().get(block.name());
    if (there == null) {
      reject(
          block.offset(),
          "ram",
          block.name(),
          "no such RAM block at the destination: the device that brings it is not there, or stands"
              + " elsewhere, or has no ROM");
    } else if (RESIZABLE.contains(block.name()) ? block.size() > there : block.size() != there) {
      reject(
          block.offset(),
          "ram",
          block.name(),
          "0x%x bytes in the stream, 0x%x at the destination; give both sides the same memory"
              .formatted(block.size(), there));
    }
  }

  private void section(StreamItem.Section section) throws IOException {
    int type = section.header().type();
    if (type != StreamFormat.SECTION_FULL && type != StreamFormat.SECTION_START) {
      return;
    }
    Destination.Expectation there = destination.sections().get(section.label());
    if (there == null) {
      missing(section);
      timers(section);
      bars(section);
      features(section);
      return;
    }
    long version = Integer.toUnsignedLong(section.header().version());
    if (version != there.version()) {
      versions(section, version, there);
    } else {
      layout(section, there);
    }
    values(section, there);
    features(section);
  }

  private void missing(StreamItem.Section section) {
    destination
        .missing()
        .apply(section.label())
        .ifPresent(
            why ->
                reject(
                    section.offset(),
                    section.label(),
                    "",
                    "no such section at the destination: " + why));
  }

  private void versions(StreamItem.Section section, long version, Destination.Expectation there) {
    String both =
        "version %d in the stream, %d at the destination".formatted(version, there.version());
    if (version > there.version()) {
      reject(section.offset(), section.label(), "version", both + ", which is older QEMU");
    } else if (strict(section.header().name(), there)) {
      reject(section.offset(), section.label(), "version", both + ", which reads no older one");
    } else {
      doubt(section.offset(), section.label(), "version", both + ", which may read it");
    }
  }

  /** RISC-V's "cpu" reads only its own version; it is known by a field no other "cpu" has. */
  private static boolean strict(String name, Destination.Expectation there) {
    return STRICT.contains(name)
        || name.equals("cpu")
            && there.layout().stream()
                .flatMap(l -> l.fields().stream())
                .anyMatch(f -> f.name().equals("env.misa_ext"));
  }

  private void layout(StreamItem.Section section, Destination.Expectation there) {
    Optional<DescribedState> here =
        stream
            .outline()
            .description()
            .flatMap(d -> d.section(section.label()))
            .map(DescribedSection::state);
    if (here.isPresent() && there.layout().isPresent()) {
      LayoutDifference.between(here.get(), there.layout().get())
          .ifPresent(
              d -> reject(section.payload() + d.at(), section.label(), d.field(), d.reason()));
    }
  }

  private void values(StreamItem.Section section, Destination.Expectation there)
      throws IOException {
    if (there.values().isEmpty() && there.configs().isEmpty()) {
      return;
    }
    values(section, stream.content(section).values(), "", there);
  }

  private void values(
      StreamItem.Section section,
      List<FieldValue> fields,
      String prefix,
      Destination.Expectation there)
      throws IOException {
    for (FieldValue field : fields) {
      String path = prefix + field.name();
      String value = there.values().get(path);
      if (value != null && DestinationFile.compared(field) && !value.equals(field.value())) {
        reject(
            field.offset(),
            section.label(),
            path,
            "%s in the stream, %s at the destination; both must be alike"
                .formatted(field.value(), value));
      }
      if (there.configs().containsKey(path)) {
        config(section, field, path, there.configs().get(path));
      }
      values(section, field.parts(), path + ".", there);
    }
  }

  private void config(StreamItem.Section section, FieldValue field, String path, byte[] there)
      throws IOException {
    byte[] here = stream.bytes(field.offset(), (int) Math.min(field.bytes(), there.length));
    int at = PciConfig.firstDifference(here, there);
    if (at >= 0) {
      reject(
          field.offset() + at,
          section.label(),
          "%s+0x%x".formatted(path, at),
          "0x%02x in the stream, 0x%02x at the destination, where the guest cannot change it; "
                  .formatted(here[at], there[at])
              + "give the device the same properties on both sides");
    }
  }

  /** RISC-V's timer has one comparator per CPU, and nothing that says how many. */
  private void timers(StreamItem.Section section) {
    if (section.header().name().equals("riscv_mtimer") && destination.cpus().isPresent()) {
      long here =
          stream.outline().sections().stream().filter(s -> s.header().name().equals("cpu")).count();
      int there = destination.cpus().getAsInt();
      if (here != there) {
        reject(
            section.payload() + 8 * Math.min(here, there),
            section.label(),
            "timecmp",
            "of %d CPUs in the stream, of %d at the destination; start it with -smp %d"
                .formatted(here, there, here));
      }
    }
  }

  /** An address the guest gave a BAR has to be one that the destination's BAR can have. */
  private void bars(StreamItem.Section section) throws IOException {
    Map<Integer, Long> sizes = destination.barSizes().get(section.label());
    if (sizes == null) {
      return;
    }
    for (FieldValue field : stream.content(section).values()) {
      for (FieldValue part :
          field.type().equals("pci config") ? field.parts() : List.<FieldValue>of()) {
        if (part.name().startsWith("bar ")) {
          bar(section, part, sizes);
        }
      }
    }
  }

  private void bar(StreamItem.Section section, FieldValue bar, Map<Integer, Long> sizes) {
    long value = Long.decode(bar.value());
    int flags = (value & 1) != 0 ? 0x3 : 0xf;
    Long size = sizes.get(Integer.valueOf(bar.name().substring("bar ".length())));
    if (size != null && (value & ~flags & (size - 1)) != 0) {
      reject(
          bar.offset(),
          section.label(),
          bar.name(),
          "the guest put it at %s, where one of 0x%x bytes, as at the destination, cannot be; give the"
                  .formatted(bar.value(), size)
              + " device the same properties on both sides");
    }
  }

  private void features(StreamItem.Section section) throws IOException {
    Long offered = destination.hostFeatures().get(section.label());
    if (offered == null) {
      return;
    }
    String device = section.label().substring(section.label().lastIndexOf('/') + 1);
    for (FieldValue field : stream.content(section).values()) {
      if (field.name().equals("virtio/64bit_features")) {
        FieldValue bits = field.parts().getFirst();
        long extra = Long.decode(bits.value()) & ~offered;
        if (extra != 0) {
          reject(
              bits.offset(),
              section.label(),
              "guest_features",
              "the guest uses %s, which the destination does not offer (0x%x); switch it on there"
                  .formatted(VirtioFeatures.names(device, extra), offered));
        }
      }
    }
  }
}
