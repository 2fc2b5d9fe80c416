package handover.vmstate;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A {@link StateDeclaration} as data, for one shape of device: what can be written into a file and
 * compared with another without either device being there.
 *
 * @param name QEMU's name for the kind of state
 * @param version the version written
 * @param minimumVersion the oldest version read
 * @param opaque what the JSON description calls a classic form that is not the list of fields;
 *     empty if it is
 * @param layout {@link GroupForm#layout}; two sides may exchange groups only where it is equal
 * @param bytes length of the classic form of a device as after a reset
 * @param groups in the order they were first named
 * @param fields in wire order
 * @param subsections in wire order
 */
public record DeclaredState(
    String name,
    int version,
    int minimumVersion,
    Optional<String> opaque,
    String layout,
    int bytes,
    List<Group> groups,
    List<DeclaredField> fields,
    List<Subsection> subsections) {

  /** A set of fields that change together. */
  public record Group(String name, ChangeClass changes) {}

  /** An optional tail of the classic form. */
  public record Subsection(String name, int version, List<DeclaredField> fields) {}

  /** Describes a declaration for devices like {@code shape}. */
  public static <S> DeclaredState of(StateDeclaration<S> declaration, S shape) {
    return of(declaration, Optional.of(shape));
  }

  /** As {@link #of(StateDeclaration, Object)}; without a shape, what depends on it counts 0. */
  static <S> DeclaredState of(StateDeclaration<S> declaration, Optional<S> shape) {
    IdentityHashMap<Field<S>, String> groups = new IdentityHashMap<>();
    declaration.groups().forEach(g -> g.fields().forEach(f -> groups.put(f, g.name())));
    return new DeclaredState(
        declaration.name(),
        declaration.version(),
        declaration.minimumVersion(),
        declaration.classic().map(StateDeclaration.ClassicCodec::fieldName),
        GroupForm.layout(declaration),
        shape.map(s -> length(declaration, s)).orElse(0),
        declaration.groups().stream().map(g -> new Group(g.name(), g.changes())).toList(),
        fields(declaration.fields(), groups, shape),
        declaration.subsections().stream()
            .map(s -> new Subsection(s.name(), s.version(), fields(s.fields(), groups, shape)))
            .toList());
  }

  /** Every field, those of subsections included. */
  public List<DeclaredField> allFields() {
    List<DeclaredField> all = new ArrayList<>(fields);
    subsections.forEach(s -> all.addAll(s.fields()));
    return all;
  }

  private static <S> int length(StateDeclaration<S> declaration, S shape) {
    WireWriter out = new WireWriter();
    declaration.save(shape, out);
    return out.length();
  }

  private static <S> List<DeclaredField> fields(
      List<Field<S>> fields, IdentityHashMap<Field<S>, String> groups, Optional<S> shape) {
    return fields.stream()
        .map(f -> DeclaredField.of(f, groups.getOrDefault(f, ""), shape))
        .toList();
  }
}
