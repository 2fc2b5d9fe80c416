package handover.vmstate;

import java.util.Optional;

/**
 * One declared field as data.
 *
 * @param name QEMU's name for it
 * @param group the group it belongs to; empty inside a structure
 * @param type QEMU's name for the encoding; an array's ends in {@code []}, a field that both sides
 *     must have alike ends in {@code equal}
 * @param size bytes of one element
 * @param count elements in a device of the described shape as after a reset
 * @param struct what an element is made of, for structures
 */
public record DeclaredField(
    String name, String group, String type, int size, int count, Optional<DeclaredState> struct) {

  static <S> DeclaredField of(
      Field<S> field, String group, Optional<S> shape, QemuRelease release) {
    return switch (field) {
      case Field.Scalar<S> f -> scalar(f.name(), group, f.type().at(release), "");
      case Field.Equal<S> f -> scalar(f.name(), group, f.type().at(release), " equal");
      case Field.Unused<S> f -> one(f.name(), group, "unused_buffer", f.size());
      case Field.Bytes<S> f ->
          one(f.name(), group, "buffer", shape.map(s -> f.bytes().apply(s).length).orElse(0));
      case Field.Array<S> f ->
          new DeclaredField(
              f.name(),
              group,
              f.type().at(release).qemuName() + "[]",
              f.type().at(release).bytes(),
              shape.map(f.count()::applyAsInt).orElse(0),
              Optional.empty());
      case Field.Structs<S, ?> f -> structs(f, group, shape, release);
    };
  }

  private static DeclaredField scalar(String name, String group, WireType type, String suffix) {
    return one(name, group, type.qemuName() + suffix, type.bytes());
  }

  private static DeclaredField one(String name, String group, String type, int size) {
    return new DeclaredField(name, group, type, size, 1, Optional.empty());
  }

  private static <S, E> DeclaredField structs(
      Field.Structs<S, E> field, String group, Optional<S> shape, QemuRelease release) {
    int count = shape.map(field.count()::applyAsInt).orElse(0);
    Optional<E> first = count == 0 ? Optional.empty() : shape.map(s -> field.element().get(s, 0));
    DeclaredState element = DeclaredState.of(field.declaration(), first, release);
    return new DeclaredField(
        field.name(), group, "struct[]", element.bytes(), count, Optional.of(element));
  }
}
