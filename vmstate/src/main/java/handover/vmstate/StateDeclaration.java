package handover.vmstate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * The state of one kind of device, declared once: typed fields in wire order, each in a named group
 * with a change class. Saving, loading, the JSON description, the delta and the static checks are
 * read off it.
 *
 * <p>The classic form is QEMU's: fields in order, then the subsections that are needed. A device
 * whose classic form is not a plain list of fields (virtio) gives a {@link ClassicCodec}.
 *
 * @param <S> the saved type
 */
public final class StateDeclaration<S> {
  /** A set of fields that change together and are sent together. */
  public record Group<S>(String name, ChangeClass changes, List<Field<S>> fields) {}

  /** An optional tail of the classic form, sent when {@code needed}. */
  public record Subsection<S>(
      String name, int version, Predicate<S> needed, List<Field<S>> fields) {}

  /** A classic form that a list of fields cannot express. */
  public interface ClassicCodec<S> {
    /** Writes the whole section payload. */
    void save(S state, WireWriter out);

    /** Reads what {@link #save} of the stated version wrote. */
    void load(S state, WireReader in, int version);

    /** What the JSON description calls the opaque field, and its type. */
    String fieldName();
  }

  private final String name;
  private final int version;
  private final int minimumVersion;
  private final List<Field<S>> fields;
  private final List<Group<S>> groups;
  private final List<Subsection<S>> subsections;
  private final Optional<ClassicCodec<S>> classic;

  private StateDeclaration(Builder<S> builder) {
    name = builder.name;
    version = builder.version;
    minimumVersion = builder.minimumVersion;
    fields = List.copyOf(builder.fields);
    groups = List.copyOf(builder.groups);
    subsections = List.copyOf(builder.subsections);
    classic = Optional.ofNullable(builder.classic);
  }

  /** Begins a declaration: QEMU's name for the state, and the version written. */
  public static <S> Builder<S> of(String name, int version) {
    return new Builder<>(name, version);
  }

  /** QEMU's name for the kind of state ("vmsd_name"). */
  public String name() {
    return name;
  }

  /** The version written. */
  public int version() {
    return version;
  }

  /** The oldest version read. */
  public int minimumVersion() {
    return minimumVersion;
  }

  /** Every field, in wire order. */
  public List<Field<S>> fields() {
    return fields;
  }

  /** The groups in the order they were first named. */
  public List<Group<S>> groups() {
    return groups;
  }

  /** Optional tails, in wire order. */
  public List<Subsection<S>> subsections() {
    return subsections;
  }

  /** The hand-made classic form, when there is one. */
  public Optional<ClassicCodec<S>> classic() {
    return classic;
  }

  /** Appends the classic payload of a section: fields in order, then the subsections needed. */
  public void save(S state, WireWriter out) {
    if (classic.isPresent()) {
      classic.get().save(state, out);
      return;
    }
    fields.forEach(f -> f.save(state, out));
    Subsections.save(this, state, out);
  }

  /**
   * Reads a classic payload that says it is {@code ofVersion}.
   *
   * @throws StreamException if the version or the content cannot be accepted
   */
  public void load(S state, WireReader in, int ofVersion) {
    if (ofVersion < minimumVersion || ofVersion > version) {
      throw in.malformed(
          "version %d to %d of %s".formatted(minimumVersion, version, name),
          "version " + Integer.toUnsignedString(ofVersion));
    }
    if (classic.isPresent()) {
      classic.get().load(state, in, ofVersion);
      return;
    }
    fields.forEach(f -> f.load(state, in));
    Subsections.load(this, state, in);
  }

  /** Collects fields in wire order. */
  public static final class Builder<S> {
    private final String name;
    private final int version;
    private int minimumVersion;
    private final List<Field<S>> fields = new ArrayList<>();
    private final List<Group<S>> groups = new ArrayList<>();
    private final List<Subsection<S>> subsections = new ArrayList<>();
    private ClassicCodec<S> classic;
    private List<Field<S>> target;
    private List<Field<S>> group;

    private Builder(String name, int version) {
      this.name = name;
      this.version = version;
      this.minimumVersion = version;
      this.target = fields;
      group("state", ChangeClass.HOT);
    }

    /** The oldest version that load understands; by default the one written. */
    public Builder<S> minimumVersion(int oldest) {
      minimumVersion = oldest;
      return this;
    }

    /** The fields that follow belong to this group, which may be continued later by its name. */
    public Builder<S> group(String groupName, ChangeClass changes) {
      groups.removeIf(g -> g.fields().isEmpty());
      Group<S> found =
          groups.stream()
              .filter(g -> g.name().equals(groupName))
              .findFirst()
              .orElseGet(
                  () -> {
                    Group<S> fresh = new Group<>(groupName, changes, new ArrayList<>());
                    groups.add(fresh);
                    return fresh;
                  });
      if (found.changes() != changes) {
        throw new IllegalStateException(name + ": group " + groupName + " has two change classes");
      }
      group = found.fields();
      return this;
    }

    /** The fields that follow belong to this subsection of the classic form. */
    public Builder<S> subsection(String subsectionName, int subVersion, Predicate<S> needed) {
      target = new ArrayList<>();
      subsections.add(new Subsection<>(subsectionName, subVersion, needed, target));
      return this;
    }

    /** One integer. The setter may throw {@link StreamException} for a value that cannot be. */
    public Builder<S> scalar(
        String field, WireType type, ToLongFunction<S> get, ObjLongConsumer<S> set) {
      return add(new Field.Scalar<>(field, type, get, set));
    }

    /** An integer that the destination must already have: compared on load, never set. */
    public Builder<S> equal(String field, WireType type, ToLongFunction<S> get) {
      return add(new Field.Equal<>(field, type, get));
    }

    /** {@code count} integers. */
    public Builder<S> array(
        String field,
        WireType type,
        int count,
        Field.IndexedGetter<S> get,
        Field.IndexedSetter<S> set) {
      return array(field, type, s -> count, get, set);
    }

    /** As many integers as the state, loaded so far, says. */
    public Builder<S> array(
        String field,
        WireType type,
        ToIntFunction<S> count,
        Field.IndexedGetter<S> get,
        Field.IndexedSetter<S> set) {
      return add(new Field.Array<>(field, type, count, get, set));
    }

    /** The bytes of an array that the state owns; its length is what {@code bytes} returns. */
    public Builder<S> bytes(String field, Function<S, byte[]> bytes) {
      return add(new Field.Bytes<>(field, bytes));
    }

    /** {@code count} structures of another declaration; {@code element} gives the i-th in place. */
    public <E> Builder<S> structs(
        String field,
        ToIntFunction<S> count,
        StateDeclaration<E> declaration,
        Field.Element<S, E> element) {
      return add(new Field.Structs<>(field, count, declaration, element));
    }

    /** Bytes that are written as zero and ignored when read. */
    public Builder<S> unused(int count) {
      return add(new Field.Unused<>(count));
    }

    /** Replaces the plain classic form by a hand-made one. */
    public Builder<S> classic(ClassicCodec<S> codec) {
      classic = codec;
      return this;
    }

    /** The finished declaration. */
    public StateDeclaration<S> build() {
      groups.removeIf(g -> g.fields().isEmpty());
      return new StateDeclaration<>(this);
    }

    private Builder<S> add(Field<S> field) {
      target.add(field);
      group.add(field);
      return this;
    }
  }
}
