package handover.migration;

import handover.memory.RamBlock;
import handover.vmstate.IterativeMigration;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Phase 2: everything up to the end mark: agreement, RAM, early and final state of devices. */
final class DestinationLoad implements DestinationPhase {
  private static final System.Logger LOG = System.getLogger(DestinationLoad.class.getName());

  private final DestinationSession session;
  private final WireReader in;
  private OptionalInt ramId = OptionalInt.empty();
  private boolean agreed;
  private List<Offer.Block> offered = List.of();

  DestinationLoad(DestinationSession session) {
    this.session = session;
    this.in = session.reader();
  }

  @Override
  public Optional<DestinationPhase> run() {
    int type = next();
    while (type != StreamFormat.EOF) {
      session.checkStaging();
      switch (type) {
        case StreamFormat.COMMAND -> command();
        case StreamFormat.SECTION_START,
            StreamFormat.SECTION_PART,
            StreamFormat.SECTION_END,
            StreamFormat.SECTION_FULL ->
            section(SectionHeader.read(type, in));
        default -> throw in.malformed("a section, a command or the end", "0x%02x".formatted(type));
      }
      type = next();
    }
    session.awaitStaging();
    session.timeline().mark("load");
    return Optional.of(new DestinationCommit(session));
  }

  private int next() {
    in.enter("stream");
    return in.u8();
  }

  private void section(SectionHeader header) {
    boolean ours = ramId.isPresent() && header.id() == ramId.getAsInt();
    if (header.name().equals(RamFormat.SECTION) || header.name().isEmpty() && ours) {
      ram(header);
    } else if (header.name().isEmpty()) {
      throw in.malformed("a section that was started", "section id " + header.id());
    } else {
      device(header);
    }
  }

  private void ram(SectionHeader header) {
    in.enter("section ram");
    if (session.handover() && !agreed) {
      throw in.malformed("an offer before memory", "section ram");
    }
    if (header.type() == StreamFormat.SECTION_START) {
      if (ramId.isPresent() || header.version() != RamFormat.VERSION) {
        throw in.malformed("one section ram of version 4", "version " + header.version());
      }
      ramId = OptionalInt.of(header.id());
      if (!session.handover()) {
        requireNothingForced();
      }
      session.memoryBegins();
      session.progress().status(MigrationStatus.ACTIVE);
    }
    session.ram().load();
    header.readFooter(in);
    if (header.type() == StreamFormat.SECTION_END) {
      session.timeline().mark("last pages");
    }
    session.memoryCame();
    session.report();
    if (header.type() == StreamFormat.SECTION_START) {
      acknowledgeAsQemu();
    }
  }

  /** A stream with no offer in it has no early state either. */
  private void requireNothingForced() {
    List<Difference> all =
        session.machine().sections().stream()
            .filter(d -> d.iterativeMigration() == IterativeMigration.ON)
            .map(
                d ->
                    new Difference(
                        SectionHeader.label(d.sectionName(), d.instanceId()) + "." + Agreement.MODE,
                        "absent (not a Handover, or a stream that cannot be answered)",
                        IterativeMigration.ON.wireName(),
                        "set %s=auto or off on the destination".formatted(Agreement.MODE)))
            .toList();
    if (!all.isEmpty()) {
      throw new StreamException(
          "a device here insists on early state, which this stream has not; nothing was loaded"
              + Agreement.listed(all));
    }
  }

  /** No device of ours delays a plain source, so its acknowledgement goes out at once. */
  private void acknowledgeAsQemu() {
    if (session.returnPath()
        && !session.handover()
        && session.settings().enabled(Capability.SWITCHOVER_ACK)) {
      session.say(StreamFormat.RETURN_SWITCHOVER_ACK);
    }
  }

  private void device(SectionHeader header) {
    String label = SectionHeader.label(header.name(), header.instanceId());
    in.enter("section " + label);
    int index =
        session
            .find(header.name(), header.instanceId())
            .orElseThrow(
                () ->
                    new StreamException(
                        "section '%s' is unknown to this machine; give the destination the device"
                                .formatted(label)
                            + " or start the source without it"
                            + (header.name().equals("slirp")
                                ? " (-netdev user adds it; use stream, dgram or tap)"
                                : "")));
    session.progress().status(MigrationStatus.DEVICE);
    session.endRehearsal();
    session.awaitStaging();
    long began = System.nanoTime();
    long before = in.position();
    session.sections().get(index).classic(in, header.version());
    in.enter("section " + label);
    header.readFooter(in);
    long bytes = in.position() - before;
    loaded(index, bytes, began);
  }

  private void loaded(int index, long bytes, long began) {
    long nanos = System.nanoTime() - began;
    session
        .progress()
        .device(
            index,
            d -> {
              d.received(bytes);
              d.loaded(nanos);
            });
  }

  private void command() {
    in.enter("command");
    int number = in.u16();
    int length = in.u16();
    int expected =
        switch (number) {
          case StreamFormat.COMMAND_OPEN_RETURN_PATH, StreamFormat.COMMAND_SWITCHOVER_START -> 0;
          case StreamFormat.COMMAND_PING -> 4;
          case Protocol.PRIVATE -> 5;
          default ->
              throw in.malformed(
                  "a command of plain precopy; switch postcopy off on the source",
                  "command %d".formatted(number));
        };
    if (length != expected) {
      throw in.malformed("%d bytes in command %d".formatted(expected, number), length + " bytes");
    }
    switch (number) {
      case StreamFormat.COMMAND_OPEN_RETURN_PATH -> session.openReturnPath();
      case StreamFormat.COMMAND_SWITCHOVER_START -> {
        session.endRehearsal();
        session.limberUp();
        session.stopHeard();
      }
      case StreamFormat.COMMAND_PING -> ping(in.u32());
      default -> message(SourceMessage.read(in));
    }
  }

  private void ping(int value) {
    if (!session.returnPath()) {
      throw in.malformed("OPEN_RETURN_PATH before a PING", "a PING");
    }
    OptionalInt reply = Protocol.reply(value);
    if (reply.isPresent()) {
      session.handover(true);
    }
    session.say(StreamFormat.RETURN_PONG, reply.orElse(value));
    session.roundEnds();
    if (session.whenStopHeard().isPresent()) {
      session.stopHeard(); // The source stops when it hears this.
    }
  }

  private void message(SourceMessage message) {
    if (!session.handover() || !agreed && !beforeAgreement(message)) {
      throw in.malformed("an agreement first", message.getClass().getSimpleName());
    }
    switch (message) {
      case SourceMessage.OfferMade m -> agree(m.offer());
      case SourceMessage.Early m -> early(m);
      case SourceMessage.Final m -> complete(m);
      case SourceMessage.RamDigests m -> verify(m.digests());
      case SourceMessage.Hot m -> session.warmUp(m.bytes());
      case SourceMessage.Abandon m -> throw new StreamException(m.reason());
      case SourceMessage.Permission m ->
          throw in.malformed("the end of the stream first", "the permission to start");
      case SourceMessage.Frames m -> throw in.malformed("the permission to start first", "frames");
    }
  }

  private static boolean beforeAgreement(SourceMessage message) {
    return message instanceof SourceMessage.OfferMade || message instanceof SourceMessage.Abandon;
  }

  private void agree(Offer theirs) {
    if (agreed) {
      throw in.malformed("one offer", "another");
    }
    MigratableMachine machine = session.machine();
    Agreement agreement =
        Agreement.reach(
            theirs, Offer.readable(machine, session.settings()), Offer.optional(machine));
    session.say(new DestinationMessage.Answer(agreement));
    if (!agreement.accepted()) {
      throw new StreamException(agreement.inWords());
    }
    agreement.downgrades().forEach(d -> LOG.log(System.Logger.Level.INFO, d));
    session.order(theirs);
    session.carryFrames(agreement.carryFrames());
    session.ram().inRuns();
    offered = theirs.blocks();
    agreed = true;
  }

  private void early(SourceMessage.Early early) {
    session.progress().device(session.local(early.section()), d -> d.early(bytes(early.groups())));
    session.stage(early);
  }

  private void complete(SourceMessage.Final last) {
    session.progress().status(MigrationStatus.DEVICE);
    session.awaitStaging();
    long began = System.nanoTime();
    int index = session.local(last.section());
    session.sections().get(index).complete(last);
    loaded(index, bytes(last.groups()), began);
  }

  private static long bytes(List<SourceMessage.GroupBytes> groups) {
    long sum = 0;
    for (SourceMessage.GroupBytes group : groups) {
      sum += group.bytes().length;
    }
    return sum;
  }

  private void verify(List<Long> theirs) {
    if (!session.settings().enabled(Capability.X_VERIFY_RAM)) {
      throw in.malformed("no digests of memory, as agreed", "some");
    }
    Map<String, RamBlock> here = new HashMap<>();
    Offer.readableBlocks(session.machine()).forEach(b -> here.put(b.name(), b));
    List<Long> ours = offered.stream().map(b -> RamFormat.digest(here.get(b.name()))).toList();
    if (!ours.equals(theirs)) {
      throw new StreamException(
          "memory differs from the source's although all of it was sent (capability %s)"
              .formatted(Capability.X_VERIFY_RAM.wireName()));
    }
  }
}
