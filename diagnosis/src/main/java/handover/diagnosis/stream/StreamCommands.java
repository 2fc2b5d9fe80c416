package handover.diagnosis.stream;

import handover.migration.Offer;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.util.Optional;

/** Commands to the destination: u16 command, u16 length, payload; some have more behind it. */
final class StreamCommands {
  private static final int PRIVATE = 0x4876;
  private static final int PRIVATE_HEAD = 5;
  private static final int LONGEST_PRIVATE = 16 << 20;
  private static final int POSTCOPY_ADVISE = 3;
  private static final int PACKAGED = 8;
  private static final int REQUEST = 0x484f56;

  private static final String[] NAMES = {
    "INVALID",
    "OPEN_RETURN_PATH",
    "PING",
    "POSTCOPY_ADVISE",
    "POSTCOPY_LISTEN",
    "POSTCOPY_RUN",
    "POSTCOPY_RAM_DISCARD",
    "POSTCOPY_RESUME",
    "PACKAGED",
    "RECV_BITMAP",
    "ENABLE_COLO",
    "SWITCHOVER_START"
  };

  private static final String[] MESSAGES = {
    "?", "OFFER", "EARLY", "FINAL", "RAM_DIGESTS", "PERMISSION", "ABANDON", "FRAMES"
  };

  private static final int MOST_GROUPS = 64;

  private final WireReader in;
  private final RamWalk.Skip skip;
  private final RamWalk ram;
  private Optional<Offer> offered = Optional.empty();

  StreamCommands(WireReader in, RamWalk.Skip skip, RamWalk ram) {
    this.in = in;
    this.skip = skip;
    this.ram = ram;
  }

  /** Reads one whose type byte, at {@code offset}, has been read. */
  StreamItem.Command read(long offset) throws IOException {
    int command = in.u16();
    int length = in.u16();
    String detail;
    if (command == PRIVATE && length == PRIVATE_HEAD) {
      detail = message();
    } else if (command == StreamFormat.COMMAND_PING && length == 4) {
      detail = ping(in.u32());
    } else {
      detail = other(command, length);
    }
    return new StreamItem.Command(offset, in.position() - offset, name(command), detail);
  }

  private static String name(int command) {
    if (command == PRIVATE) {
      return "HANDOVER";
    }
    return command < NAMES.length ? NAMES[command] : "0x%x".formatted(command);
  }

  private static String ping(int value) {
    return value >>> 8 == REQUEST
        ? "0x%08x: asks for an agreement, protocol version %d".formatted(value, value & 0xff)
        : "0x%x".formatted(value);
  }

  /** The state inside a package stands at section boundaries like any other: it is walked on. */
  private String other(int command, int length) throws IOException {
    if (command == PACKAGED && length == 4) {
      return Text.bytes(Integer.toUnsignedLong(in.u32())) + " of sections follow";
    }
    if (command == POSTCOPY_ADVISE && length == 16) {
      ram.postcopyAdvised();
      return "page sizes 0x%x, target page 0x%x".formatted(in.u64(), in.u64());
    }
    skip.bytes(length);
    return length == 0 ? "" : length + " bytes";
  }

  /** One of our private messages (docs/protocol.md): u8 kind, u32 length, then the body. */
  private String message() throws IOException {
    int kind = in.u8();
    int length = in.u32();
    if (length < 0 || length > LONGEST_PRIVATE) {
      throw in.malformed(
          "a message of at most 16 MiB", Integer.toUnsignedString(length) + " bytes");
    }
    String name = kind < MESSAGES.length ? MESSAGES[kind] : "kind " + kind;
    String head = name + ", " + Text.bytes(length);
    if (!name.equals("OFFER") && !name.equals("EARLY") && !name.equals("FINAL")) {
      skip.bytes(length);
      return head;
    }
    WireReader body = new WireReader(in.bytes(length));
    body.enter(name);
    try {
      return head + ": " + (name.equals("OFFER") ? offer(body) : state(body, name.equals("EARLY")));
    } catch (StreamException e) {
      return head + ": cannot be read: " + Text.of(String.valueOf(e.getMessage()));
    }
  }

  private String offer(WireReader body) {
    offered = Optional.of(Offer.read(body));
    Offer offer = offered.get();
    return "%s, %d RAM blocks, %d sections"
        .formatted(Text.of(offer.machineVersion()), offer.blocks().size(), offer.sections().size());
  }

  /** What of a device's state came, group by group. */
  private String state(WireReader body, boolean early) {
    int device = body.u16();
    Optional<Offer.Section> section =
        offered.filter(o -> device < o.sections().size()).map(o -> o.sections().get(device));
    StringBuilder text =
        new StringBuilder(
            section
                .map(s -> Text.of(s.label()))
                .orElse("section %d of the offer".formatted(device)));
    text.append(", sequence ").append(Integer.toUnsignedString(body.u32()));
    if (early && body.u8() != 0) {
      text.append(", anew");
    }
    groups(body, section.map(Offer.Section::layout).orElse(""), text);
    return text.toString();
  }

  private static void groups(WireReader body, String layout, StringBuilder text) {
    int groups = body.u16();
    for (int i = 0; i < groups; i++) {
      String name = DeclaredGroups.name(layout, body.u16());
      int length = body.u32();
      if (length < 0 || length > LONGEST_PRIVATE) {
        throw body.malformed("a group within the message", length + " bytes");
      }
      int bytes = body.bytes(length).length;
      if (i < MOST_GROUPS) {
        text.append(i == 0 ? "; " : ", ").append("%s: %d bytes".formatted(name, bytes));
      }
    }
  }
}
