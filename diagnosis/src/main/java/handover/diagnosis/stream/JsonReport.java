package handover.diagnosis.stream;

import handover.monitor.json.Json;
import handover.monitor.json.JsonText;
import handover.vmstate.Configuration;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * An inspection for programs, printed item by item so that a large one takes no memory: {@code
 * configuration}, {@code items}, {@code ram}, {@code bytes}, {@code complete} and, if it is not,
 * {@code broken}.
 */
public final class JsonReport {
  private static final String[] TYPES = {"", "start", "part", "end", "full"};

  private final Inspection inspection;
  private final PrintWriter out;

  private JsonReport(Inspection inspection, PrintWriter out) {
    this.inspection = inspection;
    this.out = out;
  }

  /** Prints it. */
  public static void print(Inspection inspection, PrintWriter out) throws IOException {
    new JsonReport(inspection, out).all();
    out.flush();
  }

  /** Prints what a destination minds. */
  public static void print(List<Finding> findings, PrintWriter out) {
    List<Json> all =
        findings.stream()
            .<Json>map(
                f ->
                    Json.object()
                        .with("offset", f.offset())
                        .with("effect", f.effect().name().toLowerCase(Locale.ROOT))
                        .with("device", f.device())
                        .with("field", f.field())
                        .with("reason", f.reason())
                        .build())
            .toList();
    out.println(JsonText.pretty(Json.object().with("findings", Json.of(all)).build()));
    out.flush();
  }

  private void all() throws IOException {
    StreamOutline outline = inspection.outline();
    out.print("{");
    outline
        .configuration()
        .ifPresent(c -> out.printf("\"configuration\": %s,%n", configuration(c)));
    out.printf("\"items\": [");
    String separator = "\n  ";
    for (StreamItem item : outline.items()) {
      out.print(separator);
      out.print(JsonText.of(item(item)));
      separator = ",\n  ";
    }
    out.printf("%n],%n\"ram\": %s,%n", ram(outline.ram()));
    outline.broken().ifPresent(b -> out.printf("\"broken\": %s,%n", broken(b)));
    out.printf("\"complete\": %s,%n", outline.broken().isEmpty());
    out.printf("\"bytes\": %d}%n", outline.end());
  }

  private static Json configuration(Configuration c) {
    Json.Builder json =
        Json.object()
            .with("machine", c.machine())
            .with("capabilities", Json.of(c.capabilities().stream().map(Json::of).toList()));
    c.pageBits().ifPresent(bits -> json.with("page-bits", bits));
    c.uuid().ifPresent(uuid -> json.with("uuid", uuid.toString()));
    return json.build();
  }

  private Json item(StreamItem item) throws IOException {
    Json.Builder json = Json.object().with("offset", item.offset()).with("bytes", item.bytes());
    switch (item) {
      case StreamItem.Section s -> section(s, json);
      case StreamItem.Command c -> command(c, json);
      case StreamItem.End e -> json.with("type", "eof");
      case StreamItem.Description d -> json.with("type", "description");
    }
    return json.build();
  }

  private static void command(StreamItem.Command c, Json.Builder json) {
    json.with("type", "command").with("name", c.name()).with("detail", c.detail());
    if (!c.groups().isEmpty()) {
      json.with("fields", fields(c.groups()));
    }
  }

  private void section(StreamItem.Section s, Json.Builder json) throws IOException {
    json.with("type", TYPES[s.header().type()])
        .with("id", Integer.toUnsignedLong(s.header().id()))
        .with("name", s.header().name())
        .with("instance", Integer.toUnsignedLong(s.header().instanceId()))
        .with("version", Integer.toUnsignedLong(s.header().version()))
        .with("payload", s.payload())
        .with("payload-bytes", s.payloadBytes())
        .with("parts", s.parts());
    Inspection.Content content = inspection.content(s);
    if (!content.values().isEmpty()) {
      json.with("fields", fields(content.values()));
    }
    content.problem().ifPresent(p -> json.with("problem", p));
  }

  private static Json fields(List<FieldValue> values) {
    return Json.of(values.stream().map(JsonReport::field).toList());
  }

  private static Json field(FieldValue v) {
    Json.Builder json =
        Json.object()
            .with("name", v.name())
            .with("type", v.type())
            .with("offset", v.offset())
            .with("bytes", v.bytes());
    if (!v.value().isEmpty()) {
      json.with("value", v.value());
    }
    return (v.parts().isEmpty() ? json : json.with("fields", fields(v.parts()))).build();
  }

  private static Json ram(RamTally ram) {
    List<Json> blocks =
        ram.blocks().stream()
            .<Json>map(
                b ->
                    Json.object()
                        .with("name", b.name())
                        .with("size", b.size())
                        .with("zero", b.zero())
                        .with("normal", b.normal())
                        .with("xbzrle", b.xbzrle())
                        .with("compressed", b.compressed())
                        .with("bytes", b.bytes())
                        .build())
            .toList();
    return Json.object().with("page-size", ram.pageSize()).with("blocks", Json.of(blocks)).build();
  }

  private static Json broken(StreamOutline.Break b) {
    return Json.object()
        .with("offset", b.offset())
        .with("inside", b.inside())
        .with("began", b.began())
        .with("reason", b.reason())
        .build();
  }
}
