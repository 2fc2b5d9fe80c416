package handover.diagnosis.stream;

import handover.vmstate.Configuration;
import handover.vmstate.StreamFormat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads off a machine's own stream what that machine would accept. */
public final class DestinationFile {
  private static final int MOST_CONFIG = 4096;

  private DestinationFile() {}

  /** What the machine that wrote this stream is like. */
  public static Destination of(Inspection stream) throws IOException {
    StreamOutline outline = stream.outline();
    Map<String, Long> blocks = new LinkedHashMap<>();
    outline.ram().blocks().forEach(b -> blocks.put(b.name(), b.size()));
    Map<String, Destination.Expectation> sections = new LinkedHashMap<>();
    for (StreamItem.Section section : outline.sections()) {
      int type = section.header().type();
      if (type == StreamFormat.SECTION_FULL || type == StreamFormat.SECTION_START) {
        sections.put(section.label(), expectation(stream, section));
      }
    }
    return new Destination(
        outline.configuration().map(Configuration::machine),
        outline.configuration().map(c -> Set.copyOf(c.capabilities())),
        blocks,
        sections,
        label -> missing(outline, sections, label),
        Map.of(),
        Map.of(),
        OptionalInt.empty());
  }

  /** What a broken stream does not list may come behind the break. */
  private static Optional<String> missing(
      StreamOutline outline, Map<String, Destination.Expectation> sections, String label) {
    if (outline.broken().isPresent() || sections.containsKey(label)) {
      return Optional.empty();
    }
    String hint = label.startsWith("slirp") ? "; only -netdev user brings it" : "";
    return Optional.of("it lacks this device, or has it elsewhere" + hint);
  }

  private static Destination.Expectation expectation(Inspection stream, StreamItem.Section section)
      throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, byte[]> configs = new LinkedHashMap<>();
    collect(stream, stream.content(section).values(), "", values, configs);
    return new Destination.Expectation(
        Integer.toUnsignedLong(section.header().version()),
        stream
            .outline()
            .description()
            .flatMap(d -> d.section(section.label()))
            .map(DescribedSection::state),
        values,
        configs);
  }

  /** What a destination compares with its own: fields of "equal" types, PCI configuration. */
  private static void collect(
      Inspection stream,
      List<FieldValue> fields,
      String prefix,
      Map<String, String> values,
      Map<String, byte[]> configs)
      throws IOException {
    for (FieldValue field : fields) {
      String path = prefix + field.name();
      if (field.type().equals("pci config")) {
        configs.put(path, stream.bytes(field.offset(), (int) Math.min(field.bytes(), MOST_CONFIG)));
      } else if (compared(field)) {
        values.put(path, field.value());
      }
      collect(stream, field.parts(), path + ".", values, configs);
    }
  }

  static boolean compared(FieldValue field) {
    return field.type().endsWith(" equal") || field.name().equals("max_queue_pairs");
  }
}
