package handover.monitor.qmp;

import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Builtin;
import handover.monitor.qmp.QmpType.Enumeration;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import handover.monitor.qmp.QmpType.Union;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The declarations as {@code query-qmp-schema} shows them: one SchemaInfo per command, event and
 * type (QEMU's "QMP introspection"). Types keep their names; QEMU numbers them to keep clients from
 * relying on them.
 */
final class Schema {
  private final Map<String, Json> types = new LinkedHashMap<>();
  private final Map<String, QmpType> declared = new LinkedHashMap<>();

  private final List<Json> heads = new ArrayList<>();

  private Schema() {}

  static Schema of(CommandTable table) {
    Schema schema = new Schema();
    table.all().forEach(command -> schema.heads.add(schema.command(command)));
    for (EventType event : EventType.ALL) {
      schema.heads.add(schema.event(event));
    }
    return schema;
  }

  List<Json> entries() {
    List<Json> all = new ArrayList<>(heads);
    all.addAll(types.values());
    return all;
  }

  private Json command(Command command) {
    return head(command.name(), "command")
        .with("arg-type", reference(command.arguments()))
        .with("ret-type", reference(command.result()))
        .build();
  }

  private Json event(EventType event) {
    return head(event.name(), "event").with("arg-type", reference(event.data())).build();
  }

  private static Json.Builder head(String name, String metaType) {
    return Json.object().with("name", name).with("meta-type", metaType);
  }

  /** The name of a type, which is described the first time it is met. */
  private String reference(QmpType type) {
    String name = type.typeName();
    QmpType known = declared.putIfAbsent(name, type);
    if (known == null) {
      types.put(name, Json.Null.NULL);
      types.put(name, describe(type));
    } else if (!known.equals(type)) {
      throw new IllegalStateException("two types are called " + name);
    }
    return name;
  }

  private Json describe(QmpType type) {
    return switch (type) {
      case Builtin builtin ->
          head(builtin.typeName(), "builtin").with("json-type", builtin.jsonType()).build();
      case Enumeration words -> enumeration(words);
      case ArrayOf array ->
          head(array.typeName(), "array").with("element-type", reference(array.element())).build();
      case Struct struct ->
          head(struct.typeName(), "object").with("members", members(struct.members())).build();
      case Union union -> union(union);
    };
  }

  private static Json enumeration(Enumeration words) {
    List<Json> members =
        words.values().stream()
            .<Json>map(word -> Json.object().with("name", word).build())
            .toList();
    List<Json> values = words.values().stream().map(Json::of).toList();
    return head(words.typeName(), "enum")
        .with("members", Json.of(members))
        .with("values", Json.of(values))
        .build();
  }

  private Json union(Union union) {
    List<Json> variants = new ArrayList<>();
    union
        .variants()
        .forEach(
            (word, variant) ->
                variants.add(
                    Json.object().with("case", word).with("type", reference(variant)).build()));
    return head(union.typeName(), "object")
        .with("members", members(union.base()))
        .with("tag", union.tag())
        .with("variants", Json.of(variants))
        .build();
  }

  private Json members(List<Member> members) {
    return Json.of(members.stream().map(this::member).toList());
  }

  private Json member(Member member) {
    Json.Builder entry =
        Json.object().with("name", member.name()).with("type", reference(member.type()));
    return (member.optional() ? entry.with("default", Json.Null.NULL) : entry).build();
  }
}
