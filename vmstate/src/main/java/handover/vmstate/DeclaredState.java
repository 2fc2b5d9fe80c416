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

  /** Describes a declaration for devices like {@code shape}, as {@code release} writes it. */
  public static <S> DeclaredState of(
      StateDeclaration<S> declaration, S shape, QemuRelease release) {
    return of(declaration, Optional.of(shape), release);
  }

  /** The same; without a shape, what depends on it counts 0. */
  static <S> DeclaredState of(
      StateDeclaration<S> declaration, Optional<S> shape, QemuRelease release) {
    IdentityHashMap<Field<S>, String> groups = new IdentityHashMap<>();
    declaration.groups().forEach(g -> g.fields().forEach(f -> groups.put(f, g.name())));
    return new DeclaredState(
        declaration.name(),
        declaration.versionIn(release),
        declaration.minimumVersion(),
        declaration.classic().map(StateDeclaration.ClassicCodec::fieldName),
        GroupForm.layout(declaration),
        shape.map(s -> length(declaration, s, release)).orElse(0),
        declaration.groups().stream().map(g -> new Group(g.name(), g.changes())).toList(),
        fields(declaration.fields(release), groups, shape, release),
        declaration.subsections().stream()
            .filter(s -> s.versions().at(release).isPresent())
            .map(s -> subsection(s, groups, shape, release))
            .toList());
  }

  /** Every field, those of subsections included. */
  public List<DeclaredField> allFields() {
    List<DeclaredField> all = new ArrayList<>(fields);
    subsections.forEach(s -> all.addAll(s.fields()));
    return all;
  }

  private static <S> Subsection subsection(
      StateDeclaration.Subsection<S> sub,
      IdentityHashMap<Field<S>, String> groups,
      Optional<S> shape,
      QemuRelease release) {
    int version = sub.versions().at(release).orElseThrow();
    return new Subsection(sub.name(), version, fields(sub.fields(release), groups, shape, release));
  }

  private static <S> int length(StateDeclaration<S> declaration, S shape, QemuRelease release) {
    WireWriter out = new WireWriter();
    declaration.save(shape, out, release);
    return out.length();
  }

  private static <S> List<DeclaredField> fields(
      List<Field<S>> fields,
      IdentityHashMap<Field<S>, String> groups,
      Optional<S> shape,
      QemuRelease release) {
    return fields.stream()
        .map(f -> DeclaredField.of(f, groups.getOrDefault(f, ""), shape, release))
        .toList();
  }
}
