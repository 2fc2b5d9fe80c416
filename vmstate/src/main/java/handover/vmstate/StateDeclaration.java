package handover.vmstate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * <p>QEMU's releases differ in version numbers, in which fields there are, and in how wide some
 * are; all of that is said here, and nowhere else is a release asked for.
 *
 * <p>The classic form is QEMU's: fields in order, then the subsections that are needed. A device
 * whose classic form is not a plain list of fields (virtio) gives a {@link ClassicCodec}.
 *
 * @param <S> the saved type
 */
public final class StateDeclaration<S> {
  /** A set of fields that change together and are sent together. */
  public record Group<S>(String name, ChangeClass changes, List<Field<S>> fields) {}

  /** A field, and the releases whose stream has it. */
  record Placed<S>(Field<S> field, QemuRelease from, QemuRelease to) {
    boolean in(QemuRelease release) {
      return release.isSince(from) && to.isSince(release);
    }
  }

  /** An optional tail of the classic form, sent when {@code needed}. */
  public static final class Subsection<S> {
    private final String name;
    private final Versions versions;
    private final Predicate<S> needed;
    private final Map<QemuRelease, List<Field<S>>> fields;

    private Subsection(SubsectionBuilder<S> builder) {
      name = builder.name;
      versions = builder.versions;
      needed = builder.needed;
      fields = byRelease(builder.fields);
    }

    /** Its full name, {@code section/tail}. */
    public String name() {
      return name;
    }

    /** Its version in each release that has it. */
    public Versions versions() {
      return versions;
    }

    /** Whether it is sent. */
    public Predicate<S> needed() {
      return needed;
    }

    /** Its fields in wire order. */
    public List<Field<S>> fields(QemuRelease release) {
      return fields.get(release);
    }
  }

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
  private final Versions versions;
  private final int minimumVersion;
  private final Map<QemuRelease, List<Field<S>>> fields;
  private final List<Group<S>> groups;
  private final List<Subsection<S>> subsections;
  private final Optional<ClassicCodec<S>> classic;
  private final Map<String, String> remedies;

  private StateDeclaration(Builder<S> builder) {
    name = builder.name;
    versions = builder.versions;
    minimumVersion = builder.minimumVersion;
    fields = byRelease(builder.fields);
    groups = List.copyOf(builder.groups);
    subsections = builder.subsections.stream().map(b -> new Subsection<>(b)).toList();
    classic = Optional.ofNullable(builder.classic);
    remedies = Map.copyOf(builder.remedies);
  }

  private static <S> Map<QemuRelease, List<Field<S>>> byRelease(List<Placed<S>> placed) {
    Map<QemuRelease, List<Field<S>>> all = new EnumMap<>(QemuRelease.class);
    for (QemuRelease release : QemuRelease.values()) {
      List<Field<S>> there = new ArrayList<>();
      placed.stream().filter(p -> p.in(release)).forEach(p -> there.add(p.field()));
      all.put(release, List.copyOf(there));
    }
    return all;
  }

  /** Begins a declaration: QEMU's name for the state, and its version in every release. */
  public static <S> Builder<S> of(String name, int version) {
    return of(name, Versions.always(version));
  }

  /** Begins a declaration: QEMU's name for the state, and its version in each release. */
  public static <S> Builder<S> of(String name, Versions versions) {
    return new Builder<>(name, versions);
  }

  /** QEMU's name for the kind of state ("vmsd_name"). */
  public String name() {
    return name;
  }

  /** The versions written, by release; a release may have no such section at all. */
  public Versions versions() {
    return versions;
  }

  /**
   * The version that {@code release} writes.
   *
   * @throws IllegalStateException if that release has no such section
   */
  public int versionIn(QemuRelease release) {
    return versions
        .at(release)
        .orElseThrow(
            () -> new IllegalStateException(release.wireName() + " has no section " + name));
  }

  /** The newest version read. */
  public int version() {
    return versions.highest();
  }

  /** The oldest version read. */
  public int minimumVersion() {
    return minimumVersion;
  }

  /** Every field that {@code release} has, in wire order. */
  public List<Field<S>> fields(QemuRelease release) {
    return fields.get(release);
  }

  /** The groups in the order they were first named. */
  public List<Group<S>> groups() {
    return groups;
  }

  /** Optional tails, in wire order. */
  public List<Subsection<S>> subsections() {
    return subsections;
  }

  /** What to do so that a subsection does not come that cannot be loaded here. */
  Optional<String> remedy(String subsection) {
    return Optional.ofNullable(remedies.get(subsection));
  }

  /** The hand-made classic form, when there is one. */
  public Optional<ClassicCodec<S>> classic() {
    return classic;
  }

  /**
   * Appends the classic payload of a section as {@code release} writes it: fields in order, then
   * the subsections needed.
   */
  public void save(S state, WireWriter out, QemuRelease release) {
    if (classic.isPresent()) {
      classic.get().save(state, out);
      return;
    }
    fields(release).forEach(f -> f.save(state, out, release));
    Subsections.save(this, state, out, release);
  }

  /**
   * Reads a classic payload that says it is {@code ofVersion}, whichever release wrote it.
   *
   * @throws StreamException if the version or the content cannot be accepted
   */
  public void load(S state, WireReader in, int ofVersion) {
    QemuRelease release = releaseOf(in, ofVersion);
    if (classic.isPresent()) {
      classic.get().load(state, in, ofVersion);
    } else {
      loadAs(state, in, release);
    }
  }

  /** Reads fields and subsections as {@code release} writes them. */
  void loadAs(S state, WireReader in, QemuRelease release) {
    fields(release).forEach(f -> f.load(state, in, release));
    Subsections.load(this, state, in);
  }

  private QemuRelease releaseOf(WireReader in, int ofVersion) {
    boolean older = ofVersion >= minimumVersion && ofVersion < versions.lowest();
    return older
        ? versions.first()
        : versions
            .writtenBy(ofVersion)
            .orElseThrow(
                () ->
                    in.malformed(
                        "version %s of %s".formatted(readable(), name),
                        "version " + Integer.toUnsignedString(ofVersion)));
  }

  private String readable() {
    return minimumVersion < versions.lowest()
        ? "%d to %s".formatted(minimumVersion, versions)
        : versions.toString();
  }

  private static final class SubsectionBuilder<S> {
    private final String name;
    private final Versions versions;
    private final Predicate<S> needed;
    private final List<Placed<S>> fields = new ArrayList<>();

    private SubsectionBuilder(String name, Versions versions, Predicate<S> needed) {
      this.name = name;
      this.versions = versions;
      this.needed = needed;
    }
  }

  /** Collects fields in wire order. */
  public static final class Builder<S> {
    private final String name;
    private final Versions versions;
    private int minimumVersion;
    private final List<Placed<S>> fields = new ArrayList<>();
    private final List<Group<S>> groups = new ArrayList<>();
    private final List<SubsectionBuilder<S>> subsections = new ArrayList<>();
    private final Map<String, String> remedies = new HashMap<>();
    private ClassicCodec<S> classic;
    private List<Placed<S>> target;
    private List<Field<S>> group;
    private QemuRelease from = QemuRelease.oldest();
    private QemuRelease to = QemuRelease.newest();

    private Builder(String name, Versions versions) {
      this.name = name;
      this.versions = versions;
      this.minimumVersion = versions.lowest();
      this.target = fields;
      group("state", ChangeClass.HOT);
    }

    /** The oldest version that load understands; by default the oldest written. */
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
      return subsection(subsectionName, Versions.always(subVersion), needed);
    }

    /** The fields that follow belong to this subsection, which not every release has alike. */
    public Builder<S> subsection(String subsectionName, Versions subVersions, Predicate<S> needed) {
      SubsectionBuilder<S> sub = new SubsectionBuilder<>(subsectionName, subVersions, needed);
      target = sub.fields;
      subsections.add(sub);
      return this;
    }

    /** A subsection that cannot be loaded, and what to do so that it does not come. */
    public Builder<S> refused(String subsectionName, String remedy) {
      remedies.put(subsectionName, remedy);
      return this;
    }

    /** The fields that follow are in every release. */
    public Builder<S> always() {
      return between(QemuRelease.oldest(), QemuRelease.newest());
    }

    /** The fields that follow came with {@code first}. */
    public Builder<S> since(QemuRelease first) {
      return between(first, QemuRelease.newest());
    }

    /** The fields that follow went after {@code last}. */
    public Builder<S> until(QemuRelease last) {
      return between(QemuRelease.oldest(), last);
    }

    private Builder<S> between(QemuRelease first, QemuRelease last) {
      from = first;
      to = last;
      return this;
    }

    /** One integer. The setter may throw {@link StreamException} for a value that cannot be. */
    public Builder<S> scalar(
        String field, Width type, ToLongFunction<S> get, ObjLongConsumer<S> set) {
      return add(new Field.Scalar<>(field, type, get, set));
    }

    /** An integer that the destination must already have: compared on load, never set. */
    public Builder<S> equal(String field, Width type, ToLongFunction<S> get) {
      return add(new Field.Equal<>(field, type, get));
    }

    /** {@code count} integers. */
    public Builder<S> array(
        String field,
        Width type,
        int count,
        Field.IndexedGetter<S> get,
        Field.IndexedSetter<S> set) {
      return array(field, type, s -> count, get, set);
    }

    /** As many integers as the state, loaded so far, says. */
    public Builder<S> array(
        String field,
        Width type,
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
      Placed<S> placed = new Placed<>(field, from, to);
      target.add(placed);
      if (placed.in(QemuRelease.newest())) {
        group.add(field);
      }
      return this;
    }
  }
}
