package handover.vmstate;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Field values in words, for offers, comparisons and reports. */
public final class FieldText {
  private FieldText() {}

  /** Field name → value for every field of the group, in wire order. */
  public static <S> Map<String, String> of(StateDeclaration.Group<S> group, S state) {
    return of(group.fields(), state);
  }

  private static <S> Map<String, String> of(List<Field<S>> fields, S state) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Field<S> field : fields) {
      if (!(field instanceof Field.Unused<S>)) {
        values.put(field.name(), text(field, state));
      }
    }
    return values;
  }

  private static <S> String text(Field<S> field, S state) {
    return switch (field) {
      case Field.Scalar<S> f ->
          integer(f.type().at(QemuRelease.newest()), f.get().applyAsLong(state));
      case Field.Equal<S> f ->
          integer(f.type().at(QemuRelease.newest()), f.get().applyAsLong(state));
      case Field.Array<S> f -> array(f, state);
      case Field.Bytes<S> f -> HexFormat.of().formatHex(f.bytes().apply(state));
      case Field.Structs<S, ?> f -> structs(f, state);
      case Field.Unused<S> f -> "";
    };
  }

  private static <S> String array(Field.Array<S> field, S state) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < field.count().applyAsInt(state); i++) {
      all.add(integer(field.type().at(QemuRelease.newest()), field.get().get(state, i)));
    }
    return all.toString();
  }

  private static <S, E> String structs(Field.Structs<S, E> field, S state) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < field.count().applyAsInt(state); i++) {
      all.add(
          of(field.declaration().fields(QemuRelease.newest()), field.element().get(state, i))
              .toString());
    }
    return all.toString();
  }

  private static String integer(WireType type, long value) {
    return switch (type) {
      case BOOL -> value == 0 ? "off" : "on";
      case U64 -> Long.toUnsignedString(value);
      default -> Long.toString(value);
    };
  }
}
