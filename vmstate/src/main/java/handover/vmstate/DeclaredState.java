package handover.vmstate;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
 * @param reads {@link #digest} of every release's form, all of which are read; none for a part of
 *     another state
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
    List<Subsection> subsections,
    Set<String> reads) {

  /** A set of fields that change together. */
  public record Group(String name, ChangeClass changes) {}

  /** An optional tail of the classic form. */
  public record Subsection(String name, int version, List<DeclaredField> fields) {}

  /** Describes a declaration for devices like {@code shape}, as {@code release} writes it. */
  public static <S> DeclaredState of(
      StateDeclaration<S> declaration, S shape, QemuRelease release) {
    DeclaredState written = of(declaration, Optional.of(shape), release);
    Set<String> reads = new TreeSet<>();
    for (QemuRelease other : QemuRelease.values()) {
      if (declaration.versions().at(other).isPresent()) {
        reads.add(of(declaration, Optional.of(shape), other).digest());
      }
    }
    return new DeclaredState(
        written.name,
        written.version,
        written.minimumVersion,
        written.opaque,
        written.layout,
        written.bytes,
        written.groups,
        written.fields,
        written.subsections,
        reads);
  }

  /** 64 bits of what decides how the classic form is read: version, fields, subsections. */
  public String digest() {
    StringBuilder text = new StringBuilder();
    text.append(name).append(version).append(opaque);
    form(text, fields);
    subsections.forEach(
        s -> {
          text.append(s.name()).append(s.version());
          form(text, s.fields());
        });
    long hash = 0xcbf2_9ce4_8422_2325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100_0000_01b3L;
    }
    return "%016x".formatted(hash);
  }

  private static void form(StringBuilder text, List<DeclaredField> fields) {
    for (DeclaredField field : fields) {
      text.append('|').append(field.name()).append(field.type());
      text.append(field.size()).append('*').append(field.count());
      field
          .struct()
          .ifPresent(
              struct -> {
                text.append('{');
                form(text, struct.fields());
                text.append('}');
              });
    }
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
            .toList(),
        Set.of());
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
