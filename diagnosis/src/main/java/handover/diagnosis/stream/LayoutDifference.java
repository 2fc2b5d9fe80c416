package handover.diagnosis.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The first place where two descriptions of one section go apart on the wire. Names may differ, as
 * they do between versions; lengths may not: from there on every byte is taken for another.
 *
 * @param at byte of the payload
 * @param field the source's field there
 * @param reason both sides
 */
record LayoutDifference(long at, String field, String reason) {
  private static final int MOST_FIELDS = 1 << 16;

  /** Fields that are taken apart by other means. */
  private static final String OPAQUE = "virtio";

  /** A field that is no structure. */
  private record Leaf(String path, long bytes) {}

  /** Fields only: subsections say for themselves what they are. */
  static Optional<LayoutDifference> between(DescribedState source, DescribedState destination) {
    List<Leaf> here = new ArrayList<>();
    List<Leaf> there = new ArrayList<>();
    flatten(source, "", here);
    flatten(destination, "", there);
    long at = 0;
    for (int i = 0; i < Math.max(here.size(), there.size()); i++) {
      Leaf ours = i < here.size() ? here.get(i) : new Leaf("the end", 0);
      Leaf theirs = i < there.size() ? there.get(i) : new Leaf("the end", 0);
      if (ours.bytes() != theirs.bytes() && !ours.path().equals(OPAQUE)) {
        return Optional.of(difference(at, ours, theirs));
      }
      at += ours.bytes();
    }
    return Optional.empty();
  }

  private static LayoutDifference difference(long at, Leaf ours, Leaf theirs) {
    return new LayoutDifference(
        at,
        ours.path(),
        "%s has %d bytes in the stream, %s %d at the destination, which misreads what follows and "
                .formatted(ours.path(), ours.bytes(), theirs.path(), theirs.bytes())
            + "stops at the section's footer");
  }

  private static void flatten(DescribedState state, String prefix, List<Leaf> into) {
    for (DescribedField field : state.fields()) {
      String path = prefix + field.label();
      boolean nested = field.struct().isPresent() && field.count() == 1;
      boolean plain = nested && field.struct().get().subsections().isEmpty();
      if (plain && into.size() < MOST_FIELDS) {
        flatten(field.struct().get(), path + ".", into);
      } else {
        into.add(new Leaf(path, field.bytes()));
      }
    }
  }
}
