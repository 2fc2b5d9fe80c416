package handover.vmstate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares two declarations of one section, field by field.
 *
 * <p>The classic form has no names and no lengths: one field that is wider, more or elsewhere
 * shifts all that follow. The group form is exchanged only between equal layouts.
 */
public final class StateComparison {
  /** What a difference touches. */
  public enum Touches {
    /** The classic form: the destination would misread it. */
    CLASSIC_FORM,
    /** An optional tail that the sides know differently: misread when it is sent. */
    SUBSECTION,
    /** An optional tail that only the first side knows: refused by the second when it is sent. */
    FIRST_SUBSECTION,
    /** An optional tail that only the second side knows. */
    SECOND_SUBSECTION,
    /** The group form only: groups cannot be exchanged, the classic form can. */
    GROUP_FORM,
    /** Nothing that is sent. */
    NOTHING
  }

  /**
   * One difference.
   *
   * @param group the field's group, on the side that has it
   * @param field name of the field, subsection or group; empty for the whole
   * @param first how it is on the first side
   * @param second how it is on the second side
   */
  public record Finding(String group, String field, String first, String second, Touches touches) {}

  private static final String ABSENT = "absent";

  private final DeclaredState first;
  private final DeclaredState second;
  private final boolean opaque;
  private final List<Finding> findings = new ArrayList<>();

  private StateComparison(DeclaredState first, DeclaredState second) {
    this.first = first;
    this.second = second;
    this.opaque = first.opaque().isPresent() && first.opaque().equals(second.opaque());
  }

  /** Every difference; versions are not looked at. */
  public static List<Finding> of(DeclaredState first, DeclaredState second) {
    StateComparison comparison = new StateComparison(first, second);
    comparison.run();
    return List.copyOf(comparison.findings);
  }

  private void run() {
    compare("", "declared as", first.name(), second.name(), Touches.NOTHING);
    compare("", "classic form", form(first), form(second), Touches.CLASSIC_FORM);
    groups();
    fields(first.fields(), second.fields(), opaque ? Touches.GROUP_FORM : Touches.CLASSIC_FORM);
    subsections();
    // A guard: should a difference ever be in the layout and in none of the above.
    if (findings.isEmpty()) {
      compare("", "layout", first.layout(), second.layout(), Touches.GROUP_FORM);
    }
  }

  private static String form(DeclaredState state) {
    return state.opaque().map(o -> "opaque '" + o + "'").orElse("fields");
  }

  private void groups() {
    Map<String, String> ours = classes(first);
    Map<String, String> theirs = classes(second);
    both(ours.keySet(), theirs.keySet())
        .forEach(
            g ->
                compare(
                    g,
                    "",
                    ours.getOrDefault(g, ABSENT),
                    theirs.getOrDefault(g, ABSENT),
                    Touches.GROUP_FORM));
  }

  private static Map<String, String> classes(DeclaredState state) {
    Map<String, String> classes = new LinkedHashMap<>();
    state.groups().forEach(g -> classes.put(g.name(), g.changes().name()));
    return classes;
  }

  private void subsections() {
    Map<String, DeclaredState.Subsection> ours = byName(first);
    Map<String, DeclaredState.Subsection> theirs = byName(second);
    for (String name : both(ours.keySet(), theirs.keySet())) {
      DeclaredState.Subsection a = ours.get(name);
      DeclaredState.Subsection b = theirs.get(name);
      if (a == null || b == null) {
        found(
            "",
            "subsection " + name,
            a == null ? ABSENT : "version " + a.version(),
            b == null ? ABSENT : "version " + b.version(),
            a == null ? Touches.SECOND_SUBSECTION : Touches.FIRST_SUBSECTION);
      } else {
        compare(
            "",
            "subsection " + name,
            "version " + a.version(),
            "version " + b.version(),
            Touches.SUBSECTION);
        fields(a.fields(), b.fields(), Touches.SUBSECTION);
      }
    }
  }

  private static Map<String, DeclaredState.Subsection> byName(DeclaredState state) {
    return state.subsections().stream()
        .collect(
            Collectors.toMap(
                DeclaredState.Subsection::name,
                Function.identity(),
                (a, b) -> a,
                LinkedHashMap::new));
  }

  private void fields(List<DeclaredField> ours, List<DeclaredField> theirs, Touches touches) {
    Map<String, DeclaredField> a = keyed(ours);
    Map<String, DeclaredField> b = keyed(theirs);
    int before = findings.size();
    for (String key : both(a.keySet(), b.keySet())) {
      field(Optional.ofNullable(a.get(key)), Optional.ofNullable(b.get(key)), touches);
    }
    if (findings.size() == before) {
      compare("", "order of fields", a.keySet() + "", b.keySet() + "", touches);
    }
  }

  /** Names are not unique (padding): the n-th of a name is compared with the n-th. */
  private static Map<String, DeclaredField> keyed(List<DeclaredField> fields) {
    Map<String, DeclaredField> keyed = new LinkedHashMap<>();
    for (DeclaredField field : fields) {
      String key = field.name();
      for (int n = 2; keyed.containsKey(key); n++) {
        key = field.name() + " (" + n + ")";
      }
      keyed.put(key, field);
    }
    return keyed;
  }

  private void field(Optional<DeclaredField> a, Optional<DeclaredField> b, Touches touches) {
    DeclaredField any = a.or(() -> b).orElseThrow();
    String kindA = a.map(StateComparison::kind).orElse(ABSENT);
    String kindB = b.map(StateComparison::kind).orElse(ABSENT);
    if (!kindA.equals(kindB)) {
      found(any.group(), any.name(), kindA, kindB, touches);
    } else if (!a.flatMap(DeclaredField::struct).equals(b.flatMap(DeclaredField::struct))) {
      structures(any, a.orElseThrow(), b.orElseThrow(), touches);
    } else if (!a.map(DeclaredField::group).equals(b.map(DeclaredField::group))) {
      found(
          any.group(),
          any.name(),
          "in group " + a.orElseThrow().group(),
          "in group " + b.orElseThrow().group(),
          Touches.GROUP_FORM);
    }
  }

  private void structures(DeclaredField any, DeclaredField a, DeclaredField b, Touches touches) {
    List<Finding> inner = of(a.struct().orElseThrow(), b.struct().orElseThrow());
    for (Finding f : inner) {
      boolean shape = f.touches() == Touches.CLASSIC_FORM;
      found(
          any.group(),
          any.name() + "." + f.field(),
          f.first(),
          f.second(),
          shape ? touches : f.touches());
    }
  }

  /** Type, width and number; the same in both means the same bytes. */
  private static String kind(DeclaredField field) {
    String bytes = field.size() + (field.size() == 1 ? " byte" : " bytes");
    return switch (field.struct().map(s -> "struct").orElse(field.type())) {
      case "struct" -> "%d structures".formatted(field.count());
      default -> field.count() == 1 ? field.type() + ", " + bytes : many(field, bytes);
    };
  }

  private static String many(DeclaredField field, String bytes) {
    return "%d × %s, %s each".formatted(field.count(), field.type(), bytes);
  }

  private void compare(String group, String field, String a, String b, Touches touches) {
    if (!a.equals(b)) {
      found(group, field, a, b, touches);
    }
  }

  private void found(String group, String field, String a, String b, Touches touches) {
    findings.add(new Finding(group, field, a, b, touches));
  }

  private static Set<String> both(Set<String> ours, Set<String> theirs) {
    TreeSet<String> all = new TreeSet<>(ours);
    all.addAll(theirs);
    return all;
  }
}
