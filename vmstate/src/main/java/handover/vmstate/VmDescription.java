package handover.vmstate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The JSON that ends a stream and says what was in it (VMDESCRIPTION), written section by section
 * from the declarations. Sizes are those of the states given.
 */
public final class VmDescription {
  private static final JsonFactory JSON = new JsonFactory();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 << 10);
  private final JsonGenerator json;
  private final QemuRelease release;

  /**
   * Begins a description.
   *
   * @param pageSize of the target
   * @param release whose stream is described
   */
  public VmDescription(int pageSize, QemuRelease release) {
    this.release = release;
    try {
      json = JSON.createGenerator(bytes);
      json.writeStartObject();
      json.writeNumberField("page_size", pageSize);
      json.writeArrayFieldStart("devices");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a section of {@code payloadBytes} bytes. */
  public <S> void section(
      String name, int instanceId, StateDeclaration<S> declaration, S state, int payloadBytes) {
    try {
      json.writeStartObject();
      json.writeStringField("name", name);
      json.writeNumberField("instance_id", Integer.toUnsignedLong(instanceId));
      if (declaration.classic().isPresent()) {
        String field = declaration.classic().get().fieldName();
        opaque(declaration.name(), declaration.versionIn(release), field, payloadBytes);
      } else {
        body(declaration, state);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a group of fields as if it were a section of its own. */
  <S> void group(StateDeclaration.Group<S> group, S state) {
    try {
      json.writeStartObject();
      json.writeStringField("name", group.name());
      json.writeNumberField("instance_id", 0);
      names(group.name(), 1);
      fields(group.fields(), state);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a section that is one field of which nothing more is known than its length. */
  public void opaque(SectionHeader header, String vmsdName, String field, int payloadBytes) {
    try {
      json.writeStartObject();
      json.writeStringField("name", header.name());
      json.writeNumberField("instance_id", Integer.toUnsignedLong(header.instanceId()));
      opaque(vmsdName, header.version(), field, payloadBytes);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void opaque(String vmsdName, int version, String field, int payloadBytes)
      throws IOException {
    names(vmsdName, version);
    json.writeArrayFieldStart("fields");
    field(field, field, payloadBytes);
    json.writeEndArray();
  }

  /** Ends the description and returns it. */
  public byte[] finish() {
    try {
      json.writeEndArray();
      json.writeEndObject();
      json.close();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <S> void body(StateDeclaration<S> declaration, S state) throws IOException {
    names(declaration.name(), declaration.versionIn(release));
    fields(declaration.fields(release), state);
    boolean open = false;
    for (StateDeclaration.Subsection<S> sub : declaration.subsections()) {
      if (sub.versions().at(release).isPresent() && sub.needed().test(state)) {
        if (!open) {
          json.writeArrayFieldStart("subsections");
          open = true;
        }
        json.writeStartObject();
        names(sub.name(), sub.versions().at(release).getAsInt());
        fields(sub.fields(release), state);
        json.writeEndObject();
      }
    }
    if (open) {
      json.writeEndArray();
    }
  }

  private void names(String vmsdName, int version) throws IOException {
    json.writeStringField("vmsd_name", vmsdName);
    json.writeNumberField("version", version);
  }

  private <S> void fields(Iterable<Field<S>> fields, S state) throws IOException {
    json.writeArrayFieldStart("fields");
    for (Field<S> field : fields) {
      switch (field) {
        case Field.Scalar<S> f -> scalar(f.name(), f.type().at(release));
        case Field.Equal<S> f -> scalar(f.name(), f.type().at(release));
        case Field.Bytes<S> f -> field(f.name(), "buffer", f.bytes().apply(state).length);
        case Field.Unused<S> f -> field(f.name(), "unused_buffer", f.size());
        case Field.Array<S> f -> array(f, f.count().applyAsInt(state));
        case Field.Structs<S, ?> f -> structs(f, state);
      }
    }
    json.writeEndArray();
  }

  private void scalar(String name, WireType type) throws IOException {
    field(name, type.qemuName(), type.bytes());
  }

  private void field(String name, String type, int size) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("type", type);
    json.writeNumberField("size", size);
    json.writeEndObject();
  }

  private <S> void array(Field.Array<S> field, int count) throws IOException {
    if (count == 0) {
      return;
    }
    json.writeStartObject();
    json.writeStringField("name", field.name());
    if (count > 1) {
      json.writeNumberField("array_len", count);
    }
    WireType type = field.type().at(release);
    json.writeStringField("type", type.qemuName());
    json.writeNumberField("size", type.bytes());
    json.writeEndObject();
  }

  /** Elements may differ in length, so each is described unless the first stands for all. */
  private <S, E> void structs(Field.Structs<S, E> field, S state) throws IOException {
    int count = field.count().applyAsInt(state);
    boolean uniform = true;
    int first = count == 0 ? 0 : size(field, state, 0);
    for (int i = 1; i < count; i++) {
      uniform &= size(field, state, i) == first;
    }
    for (int i = 0; i < (uniform ? Math.min(count, 1) : count); i++) {
      json.writeStartObject();
      json.writeStringField("name", field.name());
      if (!uniform) {
        json.writeNumberField("index", i);
      } else if (count > 1) {
        json.writeNumberField("array_len", count);
      }
      json.writeStringField("type", "struct");
      json.writeObjectFieldStart("struct");
      body(field.declaration(), field.element().get(state, i));
      json.writeEndObject();
      json.writeNumberField("size", size(field, state, i));
      json.writeEndObject();
    }
  }

  private <S, E> int size(Field.Structs<S, E> field, S state, int index) {
    WireWriter out = new WireWriter();
    field.declaration().save(field.element().get(state, index), out, release);
    return out.length();
  }
}
