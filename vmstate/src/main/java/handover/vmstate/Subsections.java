package handover.vmstate;

import java.util.Optional;
import java.util.OptionalInt;

/** Optional tails of a state: 0x05, counted name, u32 version, fields. Absent when not needed. */
final class Subsections {
  private Subsections() {}

  static void begin(WireWriter out, String name, int version) {
    out.u8(StreamFormat.SUBSECTION);
    out.counted(name);
    out.u32(version);
  }

  static <S> void save(
      StateDeclaration<S> declaration, S state, WireWriter out, QemuRelease release) {
    for (StateDeclaration.Subsection<S> sub : declaration.subsections()) {
      OptionalInt version = sub.versions().at(release);
      if (version.isPresent() && sub.needed().test(state)) {
        begin(out, sub.name(), version.getAsInt());
        sub.fields(release).forEach(f -> f.save(state, out, release));
      }
    }
  }

  /**
   * Reads the subsections that follow. One that does not carry this state's name as a prefix
   * belongs to a state around this one, as the format has no other end mark.
   */
  static <S> void load(StateDeclaration<S> declaration, S state, WireReader in) {
    Optional<String> next = in.peekSubsection(declaration.name());
    while (next.isPresent()) {
      String name = next.get();
      in.u8();
      in.counted();
      loadOne(known(declaration, name, in), state, in);
      next = in.peekSubsection(declaration.name());
    }
  }

  private static <S> void loadOne(StateDeclaration.Subsection<S> sub, S state, WireReader in) {
    String outer = in.enter(sub.name());
    int version = in.u32();
    QemuRelease release =
        sub.versions()
            .writtenBy(version)
            .orElseThrow(
                () ->
                    in.malformed(
                        "version " + sub.versions() + " of subsection " + sub.name(),
                        Integer.toUnsignedString(version)));
    sub.fields(release).forEach(f -> f.load(state, in, release));
    in.enter(outer);
  }

  private static <S> StateDeclaration.Subsection<S> known(
      StateDeclaration<S> declaration, String name, WireReader in) {
    return declaration.subsections().stream()
        .filter(s -> s.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                in.malformed(
                    "only subsections known here "
                        + declaration.subsections().stream()
                            .map(StateDeclaration.Subsection::name)
                            .toList(),
                    "subsection '%s'; %s"
                        .formatted(
                            name,
                            declaration
                                .remedy(name)
                                .orElse("the source has a feature this side lacks"))));
  }
}
