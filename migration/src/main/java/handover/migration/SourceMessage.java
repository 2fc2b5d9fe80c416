package handover.migration;

import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What the source tells another Handover. On the wire: COMMAND, our number, u16 5, then u8 kind,
 * u32 body length, and the body outside the command's counted payload, as QEMU's own PACKAGED does.
 */
sealed interface SourceMessage {
  /** No body is longer. */
  int LONGEST_BODY = 16 << 20;

  /** An Ethernet header. */
  int SHORTEST_FRAME = 14;

  /** An Ethernet header and the longest payload a virtio-net header can ask for. */
  int LONGEST_FRAME = 65550;

  /** What the source has. */
  record OfferMade(Offer offer) implements SourceMessage {}

  /**
   * State of an iterative device, sent while the guest runs.
   *
   * @param section index in the offer
   * @param sequence counts from 1
   * @param restart whether everything staged before is void
   * @param groups those that are new or changed
   */
  record Early(int section, int sequence, boolean restart, List<GroupBytes> groups)
      implements SourceMessage {}

  /**
   * The rest of an iterative device's state, sent while the guest is stopped.
   *
   * @param sequence the newest early state, which this completes
   * @param digest of the whole state, in hexadecimal
   */
  record Final(int section, int sequence, List<GroupBytes> groups, String digest)
      implements SourceMessage {}

  /** Digests of the RAM blocks, in the offer's order. */
  record RamDigests(List<Long> digests) implements SourceMessage {}

  /** The destination may start the guest; the source never will again. */
  record Permission() implements SourceMessage {}

  /** The source gives up and runs on. */
  record Abandon(String reason) implements SourceMessage {}

  /**
   * Frames that follow the guest, in order.
   *
   * @param section index in the offer
   * @param last whether no more will come for this section
   */
  record Frames(int section, boolean last, List<byte[]> frames) implements SourceMessage {}

  /**
   * Where the guest is hot, after the first pass over memory.
   *
   * @param bytes as {@link MigratableMachine#hotCode} has them; nobody changes them
   */
  record Hot(byte[] bytes) implements SourceMessage {}

  /** A group's index in its declaration, and its bytes, which nobody changes. */
  final class GroupBytes {
    private final int index;
    private final byte[] bytes;

    GroupBytes(int index, byte[] bytes) {
      this.index = index;
      this.bytes = bytes;
    }

    int index() {
      return index;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  /** Bytes the message takes in the stream. */
  default int write(StreamOutput out) {
    WireWriter body = new WireWriter();
    int kind = encode(body);
    WireWriter head = new WireWriter();
    head.u8(StreamFormat.COMMAND);
    head.u16(Protocol.PRIVATE);
    head.u16(5);
    head(kind, body, head);
    out.append(head);
    out.append(body);
    return head.length() + body.length();
  }

  /** The message as it is read at the other end. */
  default SourceMessage received() {
    WireWriter body = new WireWriter();
    int kind = encode(body);
    WireWriter message = new WireWriter();
    head(kind, body, message);
    message.bytes(body.toByteArray());
    return read(new WireReader(message.toByteArray()));
  }

  private static void head(int kind, WireWriter body, WireWriter out) {
    out.u8(kind);
    out.u32(body.length());
  }

  /** Writes the body and returns the kind. */
  private int encode(WireWriter out) {
    return switch (this) {
      case OfferMade m -> {
        m.offer().write(out);
        yield 1;
      }
      case Early m -> {
        out.u16(m.section());
        out.u32(m.sequence());
        out.u8(m.restart() ? 1 : 0);
        writeGroups(out, m.groups());
        yield 2;
      }
      case Final m -> {
        out.u16(m.section());
        out.u32(m.sequence());
        writeGroups(out, m.groups());
        out.text(m.digest());
        yield 3;
      }
      case RamDigests m -> {
        out.u16(m.digests().size());
        m.digests().forEach(out::u64);
        yield 4;
      }
      case Permission m -> 5;
      case Abandon m -> {
        out.text(m.reason());
        yield 6;
      }
      case Frames m -> {
        out.u16(m.section());
        out.u8(m.last() ? 1 : 0);
        out.u16(m.frames().size());
        for (byte[] frame : m.frames()) {
          out.u32(frame.length);
          out.bytes(frame);
        }
        yield 7;
      }
      case Hot m -> {
        out.u32(m.bytes().length);
        out.bytes(m.bytes());
        yield 8;
      }
    };
  }

  /** Reads kind, length and body; the command's number and length have been read. */
  static SourceMessage read(WireReader stream) {
    int kind = stream.u8();
    WireReader in = body(stream, "message " + kind + " of the source");
    SourceMessage message =
        switch (kind) {
          case 1 -> new OfferMade(Offer.read(in));
          case 2 -> new Early(in.u16(), in.u32(), in.u8() != 0, readGroups(in));
          case 3 -> new Final(in.u16(), in.u32(), readGroups(in), in.text());
          case 4 -> new RamDigests(readDigests(in));
          case 5 -> new Permission();
          case 6 -> new Abandon(in.text());
          case 7 -> new Frames(in.u16(), in.u8() != 0, readFrames(in));
          case 8 -> new Hot(readHot(in));
          default -> throw in.malformed("a message of kind 1 to 8", Integer.toString(kind));
        };
    end(in);
    return message;
  }

  /** A reader of just the body whose u32 length comes next. */
  static WireReader body(WireReader stream, String name) {
    String outer = stream.enter(name);
    int length = stream.u32();
    if (length < 0 || length > LONGEST_BODY) {
      throw stream.malformed(
          "a body of at most 16 MiB", Integer.toUnsignedString(length) + " bytes");
    }
    WireReader in = new WireReader(stream.bytes(length));
    in.enter(name);
    stream.enter(outer);
    return in;
  }

  /** Refuses what is left over. */
  static void end(WireReader in) {
    if (in.peek() >= 0) {
      throw in.malformed("the end of the message", "more bytes");
    }
  }

  private static void writeGroups(WireWriter out, List<GroupBytes> groups) {
    out.u16(groups.size());
    for (GroupBytes group : groups) {
      out.u16(group.index());
      out.u32(group.bytes().length);
      out.bytes(group.bytes());
    }
  }

  private static List<GroupBytes> readGroups(WireReader in) {
    List<GroupBytes> groups = new ArrayList<>();
    int count = in.u16();
    for (int i = 0; i < count; i++) {
      int index = in.u16();
      int length = in.u32();
      if (length < 0 || length > LONGEST_BODY) {
        throw in.malformed("a group within the message", length + " bytes");
      }
      groups.add(new GroupBytes(index, in.bytes(length)));
    }
    return groups;
  }

  private static List<byte[]> readFrames(WireReader in) {
    List<byte[]> frames = new ArrayList<>();
    int count = in.u16();
    for (int i = 0; i < count; i++) {
      int length = in.u32();
      if (length < SHORTEST_FRAME || length > LONGEST_FRAME) {
        throw in.malformed(
            "a frame of %d to %d bytes".formatted(SHORTEST_FRAME, LONGEST_FRAME),
            Integer.toUnsignedString(length) + " bytes");
      }
      frames.add(in.bytes(length));
    }
    return frames;
  }

  private static byte[] readHot(WireReader in) {
    int length = in.u32();
    if (length < 0 || length > LONGEST_BODY) {
      throw in.malformed("hot code within the message", Integer.toUnsignedString(length));
    }
    return in.bytes(length);
  }

  private static List<Long> readDigests(WireReader in) {
    List<Long> digests = new ArrayList<>();
    int count = in.u16();
    for (int i = 0; i < count; i++) {
      digests.add(in.u64());
    }
    return digests;
  }
}
