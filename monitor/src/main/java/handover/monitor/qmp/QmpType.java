package handover.monitor.qmp;

import handover.devices.NearestName;
import handover.monitor.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A type of QMP's schema. Declared once: validation of arguments, {@code query-qmp-schema}, and the
 * tests that every reply has the shape it promises, all read it here.
 */
public sealed interface QmpType {
  /** Name in the schema. */
  String typeName();

  /**
   * Checks a value.
   *
   * @param where what the value is called, for messages
   * @param problems told everything that does not fit
   */
  void check(Json value, String where, Consumer<String> problems);

  /** An object without members: what a command without result returns. */
  Struct EMPTY = new Struct("q_empty", List.of());

  /** A type whose members can be named. */
  sealed interface ObjectType extends QmpType {
    /** The members this value may have; for a union its variant counts. */
    List<Member> membersFor(Json.Obj value);

    @Override
    default void check(Json value, String where, Consumer<String> problems) {
      if (value instanceof Json.Obj object) {
        checkMembers(object, where.isEmpty() ? "" : where + ".", problems);
      } else {
        Builtin.expected(where, "object", problems);
      }
    }

    private void checkMembers(Json.Obj object, String prefix, Consumer<String> problems) {
      Map<String, Member> known = new LinkedHashMap<>();
      membersFor(object).forEach(m -> known.put(m.name(), m));
      object.members().keySet().stream()
          .filter(name -> !known.containsKey(name))
          .forEach(name -> problems.accept(unexpected(prefix, name, known.keySet())));
      known.values().forEach(m -> m.check(object, prefix, problems));
    }

    private static String unexpected(String prefix, String name, Set<String> known) {
      return "Parameter '%s%s' is unexpected%s"
          .formatted(prefix, name, NearestName.hint(name, known));
    }
  }

  /**
   * A member of an object, or an argument of a command.
   *
   * @param name as on the wire
   * @param type what it may be
   * @param optional whether it may be left out
   * @param description one sentence
   */
  record Member(String name, QmpType type, boolean optional, String description) {
    /** One that must be given. */
    public static Member required(String name, QmpType type, String description) {
      return new Member(name, type, false, description);
    }

    /** One that may be left out. */
    public static Member optional(String name, QmpType type, String description) {
      return new Member(name, type, true, description);
    }

    private void check(Json.Obj object, String prefix, Consumer<String> problems) {
      Optional<Json> value = object.get(name);
      if (value.isPresent()) {
        type.check(value.get(), prefix + name, problems);
      } else if (!optional) {
        problems.accept("Parameter '%s%s' is missing".formatted(prefix, name));
      }
    }
  }

  /** The schema's own types. */
  enum Builtin implements QmpType {
    /** Text. */
    STR("str", "string"),
    /** A 64-bit integer. */
    INT("int", "int"),
    /** A size in bytes, 0 or more. */
    SIZE("size", "int"),
    /** Any number. */
    NUMBER("number", "number"),
    /** A truth value. */
    BOOL("bool", "boolean"),
    /** Any value at all. */
    ANY("any", "value");

    private final String typeName;
    private final String jsonType;

    Builtin(String typeName, String jsonType) {
      this.typeName = typeName;
      this.jsonType = jsonType;
    }

    @Override
    public String typeName() {
      return typeName;
    }

    /** The JSON type that the schema names for it. */
    String jsonType() {
      return jsonType;
    }

    @Override
    public void check(Json value, String where, Consumer<String> problems) {
      if (!fits(value)) {
        expected(
            where, this == BOOL ? "boolean" : this == STR ? "string" : expectation(), problems);
      }
    }

    private String expectation() {
      return this == NUMBER ? "number" : this == SIZE ? "integer of 0 or more" : "integer";
    }

    private boolean fits(Json value) {
      return switch (this) {
        case STR -> value instanceof Json.Str;
        case INT -> value instanceof Json.Int;
        case SIZE -> value instanceof Json.Int(long n) && n >= 0;
        case NUMBER -> value instanceof Json.Int || value instanceof Json.Real;
        case BOOL -> value instanceof Json.Bool;
        case ANY -> true;
      };
    }

    private static void expected(String where, String what, Consumer<String> problems) {
      problems.accept("Invalid parameter type for '%s', expected: %s".formatted(where, what));
    }
  }

  /** One of a list of words. */
  record Enumeration(String typeName, List<String> values) implements QmpType {
    @Override
    public void check(Json value, String where, Consumer<String> problems) {
      if (!(value instanceof Json.Str(String word))) {
        Builtin.expected(where, "string", problems);
      } else if (!values.contains(word)) {
        problems.accept(
            "Parameter '%s' does not accept value '%s'%s"
                .formatted(where, word, NearestName.hint(word, values)));
      }
    }
  }

  /** Any number of one type. */
  record ArrayOf(QmpType element) implements QmpType {
    @Override
    public String typeName() {
      return "[" + element.typeName() + "]";
    }

    @Override
    public void check(Json value, String where, Consumer<String> problems) {
      if (value instanceof Json.Arr(List<Json> elements)) {
        for (int i = 0; i < elements.size(); i++) {
          element.check(elements.get(i), where + "[" + i + "]", problems);
        }
      } else {
        Builtin.expected(where, "array", problems);
      }
    }
  }

  /** Named members. */
  record Struct(String typeName, List<Member> members) implements ObjectType {
    @Override
    public List<Member> membersFor(Json.Obj value) {
      return members;
    }
  }

  /**
   * Members of which one, the tag, decides what else there is.
   *
   * @param base members always there, the tag among them
   * @param tag the deciding member; its type is an {@link Enumeration}
   * @param variants per tag value; a value not listed adds nothing
   */
  record Union(String typeName, List<Member> base, String tag, Map<String, ObjectType> variants)
      implements ObjectType {
    /** Copies, sorted, so that the schema comes out the same every time. */
    public Union {
      variants = Collections.unmodifiableMap(new TreeMap<>(variants));
    }

    @Override
    public List<Member> membersFor(Json.Obj value) {
      List<Member> all = new ArrayList<>(base);
      value
          .text(tag)
          .map(variants::get)
          .ifPresent(variant -> all.addAll(variant.membersFor(value)));
      return all;
    }
  }
}
