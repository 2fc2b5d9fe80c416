package handover.vmstate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The iterative form of a state: each group by itself, its fields in wire order, subsection fields
 * always included, nothing between them.
 */
public final class GroupForm {
  /** Fields and widths are those of the newest release, which lose nothing we have. */
  private static final QemuRelease FORM = QemuRelease.newest();

  private static final int PAGE = 4096;

  private GroupForm() {}

  /** The group's bytes. */
  public static <S> byte[] encode(StateDeclaration.Group<S> group, S state) {
    WireWriter out = new WireWriter();
    encode(group, state, out);
    return out.toByteArray();
  }

  /** Appends the group's bytes. */
  static <S> void encode(StateDeclaration.Group<S> group, S state, WireWriter out) {
    for (Field<S> field : group.fields()) {
      field.save(state, out, FORM);
    }
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws StreamException if bytes are missing, left over, or say what cannot be
   */
  public static <S> void decode(StateDeclaration.Group<S> group, S state, byte[] bytes) {
    WireReader in = new WireReader(bytes);
    in.enter("group " + group.name());
    for (Field<S> field : group.fields()) {
      field.load(state, in, FORM);
    }
    if (in.position() != bytes.length) {
      throw in.malformed("the group's end", (bytes.length - in.position()) + " bytes more");
    }
  }

  /**
   * What {@link #encode} writes for {@code state}, field by field: a {@link VmDescription} whose
   * only section is the group.
   */
  public static <S> byte[] describe(StateDeclaration.Group<S> group, S state) {
    VmDescription description = new VmDescription(PAGE, FORM);
    description.group(group, state);
    return description.finish();
  }

  /** The canonical digest: {@link GroupDigests#whole} of all groups. */
  public static <S> byte[] digest(StateDeclaration<S> declaration, S state) {
    return GroupDigests.of(declaration, state).whole();
  }

  /**
   * A short digest of the declaration itself: group names and classes, field names and kinds. Two
   * sides may exchange groups only where it is equal.
   */
  public static String layout(StateDeclaration<?> declaration) {
    StringBuilder text = new StringBuilder();
    describe(declaration, text);
    byte[] digest = sha256().digest(text.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 8);
  }

  private static void describe(StateDeclaration<?> declaration, StringBuilder text) {
    for (StateDeclaration.Group<?> group : declaration.groups()) {
      text.append(group.name()).append(' ').append(group.changes()).append('\n');
      group.fields().forEach(f -> describe(f, text));
    }
  }

  private static void describe(Field<?> field, StringBuilder text) {
    text.append(field.name()).append(' ');
    switch (field) {
      case Field.Scalar<?> f -> text.append(f.type().at(FORM));
      case Field.Equal<?> f -> text.append(f.type().at(FORM)).append('=');
      case Field.Array<?> f -> text.append(f.type().at(FORM)).append('*');
      case Field.Bytes<?> f -> text.append("bytes");
      case Field.Unused<?> f -> text.append(f.size());
      case Field.Structs<?, ?> f -> describe(f.declaration(), text.append("{\n"));
    }
    text.append('\n');
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
