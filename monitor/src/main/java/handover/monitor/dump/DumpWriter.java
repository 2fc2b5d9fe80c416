package handover.monitor.dump;

import handover.migration.Offer;
import handover.migration.StateDump;
import handover.monitor.json.Json;
import handover.vmstate.DeclaredField;
import handover.vmstate.DeclaredState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A {@link StateDump} as JSON; {@link DumpReader} reads it. */
public final class DumpWriter {
  /** What the member {@code format} says. */
  static final String FORMAT = "handover-vmstate-2";

  private DumpWriter() {}

  /** The whole dump. */
  public static Json.Obj write(StateDump dump) {
    Offer offer = dump.offer();
    List<Json> sections = new ArrayList<>();
    for (int i = 0; i < dump.states().size(); i++) {
      sections.add(section(offer.sections().get(i), dump.states().get(i)));
    }
    return Json.object()
        .with("format", FORMAT)
        .with("machine", offer.machineType())
        .with("machine-version", offer.machineVersion())
        .with("capabilities", flags(offer.capabilities()))
        .with("ram-blocks", Json.of(offer.blocks().stream().map(DumpWriter::block).toList()))
        .with("properties", texts(offer.properties()))
        .with("sections", Json.of(sections))
        .with("reads", reads(dump))
        .build();
  }

  /** What comes from other releases besides what is written here. */
  private static Json.Obj reads(StateDump dump) {
    Offer readable = dump.readable();
    return Json.object()
        .with("ram-blocks", Json.of(readable.blocks().stream().map(DumpWriter::block).toList()))
        .with("sections", Json.of(readable.sections().stream().map(DumpWriter::readable).toList()))
        .with("optional", Json.of(dump.optional().stream().sorted().map(Json::of).toList()))
        .build();
  }

  private static Json.Obj readable(Offer.Section section) {
    return Json.object()
        .with("name", section.name())
        .with("instance-id", Integer.toUnsignedLong(section.instanceId()))
        .with("version", section.version())
        .with("minimum-version", section.minimumVersion())
        .with("iterative-mig", section.iterative().wireName())
        .with("layout", section.layout())
        .with("life", texts(section.life()))
        .build();
  }

  private static Json.Obj block(Offer.Block block) {
    return Json.object().with("name", block.name()).with("size", block.bytes()).build();
  }

  private static Json.Obj section(Offer.Section section, DeclaredState state) {
    return Json.object()
        .with("name", section.name())
        .with("instance-id", Integer.toUnsignedLong(section.instanceId()))
        .with("iterative-mig", section.iterative().wireName())
        .with("life", texts(section.life()))
        .with("state", state(state))
        .build();
  }

  private static Json.Obj state(DeclaredState state) {
    return Json.object()
        .with("name", state.name())
        .with("version", state.version())
        .with("minimum-version", state.minimumVersion())
        .with("opaque", state.opaque().map(Json::of))
        .with("layout", state.layout())
        .with("bytes", state.bytes())
        .with("groups", Json.of(state.groups().stream().map(DumpWriter::group).toList()))
        .with("fields", fields(state.fields()))
        .with(
            "subsections",
            Json.of(state.subsections().stream().map(DumpWriter::subsection).toList()))
        .with("reads", Json.of(state.reads().stream().map(Json::of).toList()))
        .build();
  }

  private static Json.Obj group(DeclaredState.Group group) {
    return Json.object().with("name", group.name()).with("class", group.changes().name()).build();
  }

  private static Json.Obj subsection(DeclaredState.Subsection subsection) {
    return Json.object()
        .with("name", subsection.name())
        .with("version", subsection.version())
        .with("fields", fields(subsection.fields()))
        .build();
  }

  private static Json fields(List<DeclaredField> fields) {
    return Json.of(fields.stream().map(DumpWriter::field).toList());
  }

  private static Json.Obj field(DeclaredField field) {
    return Json.object()
        .with("name", field.name())
        .with("group", field.group())
        .with("type", field.type())
        .with("size", field.size())
        .with("count", field.count())
        .with("struct", field.struct().map(DumpWriter::state))
        .build();
  }

  private static Json.Obj flags(Map<String, Boolean> map) {
    Json.Builder builder = Json.object();
    map.forEach(builder::with);
    return builder.build();
  }

  private static Json.Obj texts(Map<String, String> map) {
    Json.Builder builder = Json.object();
    map.forEach(builder::with);
    return builder.build();
  }
}
