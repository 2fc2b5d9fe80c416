package handover.diagnosis.stream;

import handover.migration.Offer;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * This program's own messages (docs/protocol.md): u8 kind, u32 length, then the body. States of
 * iterative devices are decoded by the declarations of those devices, as long as not more of them
 * come than a machine has, or more values than anyone reads.
 */
final class HandoverMessages {
  private static final int LONGEST = 16 << 20;
  private static final int MOST_STATES = 64;
  private static final int MOST_VALUES = 1 << 16;
  private static final int OFFER = 1;
  private static final int EARLY = 2;
  private static final int FINAL = 3;

  private static final String[] NAMES = {
    "?", "OFFER", "EARLY", "FINAL", "RAM_DIGESTS", "PERMISSION", "ABANDON", "FRAMES", "HOT"
  };

  /** A message in words, and the groups of fields that it brought. */
  record Message(String words, List<FieldValue> groups) {}

  private final WireReader in;
  private final RamWalk.Skip skip;
  private final Map<Integer, OfferedState<?>> states = new HashMap<>();
  private Optional<Offer> offered = Optional.empty();
  private int values;

  HandoverMessages(WireReader in, RamWalk.Skip skip) {
    this.in = in;
    this.skip = skip;
  }

  /** Reads one; a body that makes no sense is stepped over, with the reason in words. */
  Message read() throws IOException {
    int kind = in.u8();
    int length = in.u32();
    if (length < 0 || length > LONGEST) {
      throw in.malformed(
          "a message of at most 16 MiB", Integer.toUnsignedString(length) + " bytes");
    }
    String name = kind < NAMES.length ? NAMES[kind] : "kind " + kind;
    String head = name + ", " + Text.bytes(length);
    if (kind < OFFER || kind > FINAL) {
      skip.bytes(length);
      return new Message(head, List.of());
    }
    long at = in.position();
    WireReader body = new WireReader(in.bytes(length));
    body.enter(name);
    List<FieldValue> groups = new ArrayList<>();
    try {
      String words = kind == OFFER ? offer(body) : state(body, at, kind == EARLY, groups);
      return new Message(head + ": " + words, groups);
    } catch (StreamException e) {
      return new Message(head + ": cannot be read: " + reason(e), groups);
    }
  }

  private static String reason(StreamException e) {
    return Text.of(String.valueOf(e.getMessage()));
  }

  private String offer(WireReader body) {
    Offer offer = Offer.read(body);
    offered = Optional.of(offer);
    states.clear();
    return "%s, %d RAM blocks, %d sections"
        .formatted(Text.of(offer.machineVersion()), offer.blocks().size(), offer.sections().size());
  }

  /** What of a device's state came. */
  private String state(WireReader body, long at, boolean early, List<FieldValue> groups) {
    int index = body.u16();
    Optional<Offer.Section> section =
        offered.filter(o -> index < o.sections().size()).map(o -> o.sections().get(index));
    String device =
        section.map(s -> Text.of(s.label())).orElse("section %d of the offer".formatted(index));
    String sequence = ", sequence " + Integer.toUnsignedString(body.u32());
    boolean restart = early && body.u8() != 0;
    Optional<OfferedState<?>> state = section.flatMap(s -> state(index, s));
    if (restart) {
      state.ifPresent(OfferedState::restart);
    }
    groups(body, at, state, groups);
    if (!early) {
      digest(body, at, groups);
    }
    return device + sequence + (restart ? ", anew" : "");
  }

  private Optional<OfferedState<?>> state(int index, Offer.Section section) {
    if (!states.containsKey(index) && states.size() < MOST_STATES) {
      OfferedState.of(section).ifPresent(s -> states.put(index, s));
    }
    return Optional.ofNullable(states.get(index));
  }

  private void groups(
      WireReader body, long at, Optional<OfferedState<?>> state, List<FieldValue> groups) {
    int count = body.u16();
    for (int i = 0; i < count; i++) {
      int index = body.u16();
      int length = body.u32();
      if (length < 0 || length > LONGEST) {
        throw body.malformed("a group within the message", length + " bytes");
      }
      long from = at + body.position();
      byte[] bytes = body.bytes(length);
      if (values < MOST_VALUES) {
        groups.add(group(state, index, bytes, from));
        values += size(groups.getLast());
      }
    }
  }

  private static FieldValue group(
      Optional<OfferedState<?>> state, int index, byte[] bytes, long at) {
    Optional<String> known = state.flatMap(s -> s.name(index));
    String name = known.orElse("group " + index);
    String words = bytes.length + " bytes";
    List<FieldValue> fields = List.of();
    if (known.isPresent()) {
      try {
        fields = state.orElseThrow().group(index, bytes, at);
      } catch (StreamException e) {
        words += ", cannot be read: " + reason(e);
      }
    }
    return new FieldValue(name, "group", at, bytes.length, words, fields);
  }

  private static int size(FieldValue value) {
    return 1 + value.parts().stream().mapToInt(HandoverMessages::size).sum();
  }

  private static void digest(WireReader body, long at, List<FieldValue> groups) {
    long from = at + body.position();
    String digest = body.text();
    groups.add(
        FieldValue.leaf("digest", "text", from, at + body.position() - from, Text.of(digest)));
  }
}
