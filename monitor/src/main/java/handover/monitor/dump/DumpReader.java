package handover.monitor.dump;

import handover.migration.Offer;
import handover.migration.StateDump;
import handover.monitor.json.Json;
import handover.monitor.json.JsonSyntaxException;
import handover.monitor.json.JsonText;
import handover.vmstate.ChangeClass;
import handover.vmstate.DeclaredField;
import handover.vmstate.DeclaredState;
import handover.vmstate.IterativeMigration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads what {@link DumpWriter} wrote, from a file that may be anything. */
public final class DumpReader {
  private static final int MOST_BYTES = 1 << 30;

  private DumpReader() {}

  /**
   * Understands a dump's text.
   *
   * @throws IllegalArgumentException saying what was expected where
   */
  public static StateDump read(String text) {
    try {
      if (JsonText.parse(text) instanceof Json.Obj dump) {
        return dump(dump);
      }
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException("not a state dump: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("not a state dump: expected a JSON object");
  }

  private static StateDump dump(Json.Obj dump) {
    String format = text(dump, "format");
    if (!format.equals(DumpWriter.FORMAT)) {
      throw wrong("format", DumpWriter.FORMAT, format);
    }
    List<Json.Obj> sections = objects(dump, "sections");
    Offer offer =
        new Offer(
            text(dump, "machine"),
            text(dump, "machine-version"),
            map(object(dump, "capabilities"), Json.Obj::flag),
            each(objects(dump, "ram-blocks"), DumpReader::block),
            each(sections, DumpReader::section),
            map(object(dump, "properties"), Json.Obj::text));
    Json.Obj reads = object(dump, "reads");
    Offer readable =
        new Offer(
            offer.machineType(),
            offer.machineVersion(),
            offer.capabilities(),
            each(objects(reads, "ram-blocks"), DumpReader::block),
            each(objects(reads, "sections"), DumpReader::readable),
            offer.properties());
    return new StateDump(
        offer, each(sections, s -> state(object(s, "state"))), readable, texts(reads, "optional"));
  }

  private static Offer.Block block(Json.Obj block) {
    return new Offer.Block(text(block, "name"), whole(block, "size", Long.MAX_VALUE));
  }

  private static Offer.Section readable(Json.Obj section) {
    return section(section, section);
  }

  private static Offer.Section section(Json.Obj section) {
    return section(section, object(section, "state"));
  }

  /** One whose versions and layout stand in {@code state}. */
  private static Offer.Section section(Json.Obj section, Json.Obj state) {
    String mode = text(section, "iterative-mig");
    return new Offer.Section(
        text(section, "name"),
        (int) whole(section, "instance-id", 0xffff_ffffL),
        count(state, "version"),
        count(state, "minimum-version"),
        IterativeMigration.named(mode)
            .orElseThrow(() -> wrong("iterative-mig", "off, auto or on", mode)),
        text(state, "layout"),
        map(object(section, "life"), Json.Obj::text));
  }

  private static DeclaredState state(Json.Obj state) {
    return new DeclaredState(
        text(state, "name"),
        count(state, "version"),
        count(state, "minimum-version"),
        state.text("opaque"),
        text(state, "layout"),
        count(state, "bytes"),
        each(
            objects(state, "groups"),
            g -> new DeclaredState.Group(text(g, "name"), changes(text(g, "class")))),
        each(objects(state, "fields"), DumpReader::field),
        each(
            objects(state, "subsections"),
            s ->
                new DeclaredState.Subsection(
                    text(s, "name"),
                    count(s, "version"),
                    each(objects(s, "fields"), DumpReader::field))),
        texts(state, "reads"));
  }

  private static DeclaredField field(Json.Obj field) {
    return new DeclaredField(
        text(field, "name"),
        text(field, "group"),
        text(field, "type"),
        count(field, "size"),
        count(field, "count"),
        field.object("struct").map(DumpReader::state));
  }

  private static ChangeClass changes(String name) {
    return Arrays.stream(ChangeClass.values())
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow(() -> wrong("class", "one of " + List.of(ChangeClass.values()), name));
  }

  // ---- Members, each required

  private static String text(Json.Obj of, String member) {
    return of.text(member).orElseThrow(() -> wrong(member, "a string", found(of, member)));
  }

  private static int count(Json.Obj of, String member) {
    return (int) whole(of, member, MOST_BYTES);
  }

  private static long whole(Json.Obj of, String member, long most) {
    long value = of.whole(member).orElse(-1);
    if (value < 0 || value > most) {
      throw wrong(member, "a whole number up to " + most, found(of, member));
    }
    return value;
  }

  private static Json.Obj object(Json.Obj of, String member) {
    return of.object(member).orElseThrow(() -> wrong(member, "an object", found(of, member)));
  }

  private static List<Json.Obj> objects(Json.Obj of, String member) {
    if (!(of.get(member).orElse(Json.Null.NULL) instanceof Json.Arr(List<Json> elements))
        || !elements.stream().allMatch(Json.Obj.class::isInstance)) {
      throw wrong(member, "an array of objects", found(of, member));
    }
    return elements.stream().map(Json.Obj.class::cast).toList();
  }

  private static Set<String> texts(Json.Obj of, String member) {
    Set<String> all = new TreeSet<>();
    for (Json each : of.array(member)) {
      all.add(each instanceof Json.Str(String text) ? text : "");
    }
    return all;
  }

  private static <V> Map<String, V> map(
      Json.Obj of, java.util.function.BiFunction<Json.Obj, String, Optional<V>> value) {
    Map<String, V> map = new TreeMap<>();
    for (String key : of.members().keySet()) {
      map.put(
          key,
          value
              .apply(of, key)
              .orElseThrow(() -> wrong(key, "a value of its kind", found(of, key))));
    }
    return map;
  }

  private static <T> List<T> each(List<Json.Obj> objects, Function<Json.Obj, T> read) {
    List<T> all = new ArrayList<>();
    objects.forEach(o -> all.add(read.apply(o)));
    return List.copyOf(all);
  }

  private static String found(Json.Obj of, String member) {
    String text = of.get(member).map(Json::toString).orElse("nothing");
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  private static IllegalArgumentException wrong(String member, String expected, String found) {
    return new IllegalArgumentException(
        "not a state dump: '%s' expects %s, found %s; write one with 'handover vmstate dump --json'"
            .formatted(member, expected, found));
  }
}
