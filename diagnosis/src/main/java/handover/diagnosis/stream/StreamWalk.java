package handover.diagnosis.stream;

import handover.vmstate.Configuration;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Goes through a stream once, from its beginning, in memory that does not grow with it.
 *
 * <p>RAM records are walked by themselves. Any other payload is as long as the description says if
 * that is known beforehand (a file's is: it stands at its end), else it reaches to its footer.
 */
final class StreamWalk {
  private static final String RAM = "ram";
  private static final int USUAL_PAGE = 4096;

  /** QEMU's machines have some hundred devices; a stream with more items than this is not one. */
  private static final int MOST_ITEMS = 1 << 16;

  private final StreamCursor cursor;
  private final WireReader in;
  private final Optional<Spool> spool;
  private final Set<String> capabilities = new HashSet<>();
  private final RamTally tally;
  private final RamWalk ram;
  private final StreamCommands commands;
  private final List<StreamItem> items = new ArrayList<>();
  private final Map<Integer, SectionHeader> begun = new HashMap<>();
  private final Map<String, DescribedSection> described = new HashMap<>();

  private Optional<Configuration> configuration = Optional.empty();
  private Optional<StreamDescription> description;
  private String inside = "header";
  private long began;

  /**
   * A walk that has not begun.
   *
   * @param spool where to keep device state, if the stream cannot be read twice
   * @param description the description, if it could be read beforehand
   */
  StreamWalk(StreamCursor cursor, Optional<Spool> spool, Optional<StreamDescription> description) {
    this.cursor = cursor;
    this.in = new WireReader(cursor);
    this.spool = spool;
    this.description = description;
    this.tally = new RamTally(description.map(StreamDescription::pageSize).orElse(USUAL_PAGE));
    this.ram = new RamWalk(in, this::skip, this::records, tally, capabilities);
    this.commands = new StreamCommands(in, this::skip, ram);
    description.ifPresent(d -> d.sections().forEach(s -> described.put(s.label(), s)));
  }

  /** Walks to the end, or to where the stream cannot be followed. */
  StreamOutline walk() throws IOException {
    Optional<StreamOutline.Break> broken = Optional.empty();
    try {
      Configuration read = Configuration.readHeader(in);
      configuration = Optional.of(read);
      capabilities.addAll(read.capabilities());
      if (description.isEmpty()) {
        read.pageBits().ifPresent(this::pageBits);
      }
      walkItems();
    } catch (StreamException e) {
      broken =
          Optional.of(
              new StreamOutline.Break(
                  in.position(), inside, began, String.valueOf(e.getMessage())));
    }
    return new StreamOutline(
        configuration, List.copyOf(items), tally, description, in.position(), broken);
  }

  private void pageBits(int bits) {
    if (bits < 9 || bits > 24) {
      throw in.malformed("9 to 24 page bits", Integer.toUnsignedString(bits));
    }
    tally.pageSize(1 << bits);
  }

  private void walkItems() throws IOException {
    boolean ended = false;
    while (true) {
      enter("section boundary", in.position());
      int type = in.peek();
      if (type == -1) {
        if (!ended) {
          throw in.malformed("another section, or the end mark", "the end of the stream");
        }
        return;
      }
      type = in.u8();
      switch (type) {
        case StreamFormat.EOF -> {
          ended = true;
          add(new StreamItem.End(began));
        }
        case StreamFormat.VMDESCRIPTION -> {
          readDescription();
          return;
        }
        case StreamFormat.COMMAND -> {
          enter("command", began);
          add(commands.read(began));
        }
        default -> section(type);
      }
    }
  }

  private void enter(String what, long where) {
    inside = what;
    began = where;
    in.enter(what);
  }

  private void add(StreamItem item) {
    if (item instanceof StreamItem.Section part
        && part.header().type() == StreamFormat.SECTION_PART
        && merged(part)) {
      return;
    }
    if (items.size() == MOST_ITEMS) {
      throw in.malformed("at most " + MOST_ITEMS + " sections and commands", "more");
    }
    items.add(item);
  }

  /** Rounds of PARTs come by the thousand: those of one section are one item. */
  private boolean merged(StreamItem.Section part) {
    for (int i = items.size() - 1; i >= 0; i--) {
      if (!(items.get(i) instanceof StreamItem.Section before)
          || before.header().type() != StreamFormat.SECTION_PART) {
        return false;
      }
      if (before.header().id() == part.header().id()) {
        items.set(i, before.and(part));
        return true;
      }
    }
    return false;
  }

  private void section(int type) throws IOException {
    if (type < StreamFormat.SECTION_START || type > StreamFormat.SECTION_FULL) {
      throw in.malformed("a section, a command or the end mark", "0x%02x".formatted(type));
    }
    SectionHeader header = named(SectionHeader.read(type, in));
    long payload = in.position();
    enter(
        "section '" + Text.of(SectionHeader.label(header.name(), header.instanceId())) + "'",
        began);
    if (header.name().equals(RAM)) {
      ram.section();
    } else {
      cursor.keep(spool);
      payload(header);
      cursor.keep(Optional.empty());
    }
    long payloadBytes = in.position() - payload;
    header.readFooter(in);
    add(new StreamItem.Section(began, in.position() - began, header, payload, payloadBytes, 1));
  }

  /** A PART or END only has a number; its START had the name. */
  private SectionHeader named(SectionHeader read) {
    boolean start =
        read.type() == StreamFormat.SECTION_START || read.type() == StreamFormat.SECTION_FULL;
    if (start) {
      begun.put(read.id(), read);
      return read;
    }
    SectionHeader first = begun.get(read.id());
    if (first == null) {
      throw in.malformed(
          "a section that was begun", "number " + Integer.toUnsignedString(read.id()));
    }
    return new SectionHeader(read.type(), read.id(), first.name(), first.instanceId(), 0);
  }

  private void payload(SectionHeader header) throws IOException {
    OptionalLong known = known(header);
    if (known.isPresent()) {
      skip(known.getAsLong());
      if (in.peek() == StreamFormat.SECTION_FOOTER) {
        return;
      }
      throw in.malformed(
          "the footer 0x7e behind %d bytes, as the description says".formatted(known.getAsLong()),
          in.peek() < 0 ? "the end of the stream" : "0x%02x".formatted(in.peek()));
    }
    long passed = cursor.passToFooter(header.id());
    in.passed(passed < 0 ? -passed - 1 : passed);
    if (passed < 0) {
      throw in.malformed("the section's footer", "the end of the stream");
    }
  }

  private OptionalLong known(SectionHeader header) {
    DescribedSection section =
        described.get(SectionHeader.label(header.name(), header.instanceId()));
    return header.type() == StreamFormat.SECTION_FULL && section != null
        ? OptionalLong.of(section.state().bytes())
        : OptionalLong.empty();
  }

  private void skip(long count) throws IOException {
    long passed = cursor.pass(count);
    in.passed(passed);
    if (passed < count) {
      throw in.malformed(count + " more bytes", "the end after " + passed);
    }
  }

  private long records(int flags, int bytes, long pageSize, long blockBytes) {
    long records = cursor.passRecords(flags, bytes, pageSize, blockBytes);
    in.passed(records * (Long.BYTES + bytes));
    return records;
  }

  private void readDescription() throws IOException {
    enter("description", began);
    long length = Integer.toUnsignedLong(in.u32());
    if (description.isPresent()) {
      skip(length);
    } else {
      description = Optional.of(StreamDescription.read(in, length));
    }
    add(new StreamItem.Description(began, in.position() - began));
  }
}
