package handover.migration;

import handover.vmstate.BackEndBudget;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the destination tells another Handover over the return path. On the wire: u16 our number,
 * u16 5, then u8 kind, u32 body length, body.
 */
sealed interface DestinationMessage {
  /** Whose times they are. */
  String SIDE = "destination";

  /** What came of the offer. */
  record Answer(Agreement agreement) implements DestinationMessage {}

  /** The early state of this sequence has been staged. */
  record Ack(int section, int sequence) implements DestinationMessage {}

  /** Everything has been loaded, verified and committed; the guest could start. */
  record Ready() implements DestinationMessage {}

  /**
   * The guest runs here.
   *
   * @param agoNanos between its start and this message
   * @param loadMicros per section in the offer's order: decoding, digest, commit while stopped
   * @param commitMicros the commit's share of that
   * @param backEnds per section: what setting up its back end cost
   * @param downtimeMicros from hearing of the stop to the start
   * @param spans phases, microseconds from the start (so most begin before 0)
   * @param jvm what happened meanwhile
   */
  record Started(
      long agoNanos,
      List<Long> loadMicros,
      List<Long> commitMicros,
      List<Optional<BackEndBudget>> backEnds,
      long downtimeMicros,
      List<MigrationInfo.Span> spans,
      MigrationInfo.Jvm jvm)
      implements DestinationMessage {}

  /** What is to be done at the stop has been rehearsed, as far as it ever will be. */
  record Rehearsed() implements DestinationMessage {}

  /** The destination gives up; the guest does not run there. */
  record Failed(String reason) implements DestinationMessage {}

  /** The whole message as it goes over the return path. */
  default void write(WireWriter out) {
    WireWriter body = new WireWriter();
    int kind = encode(body);
    out.u16(Protocol.PRIVATE);
    out.u16(5);
    out.u8(kind);
    out.u32(body.length());
    out.bytes(body.array(), 0, body.length());
  }

  /** Writes the body and returns the kind. */
  private int encode(WireWriter out) {
    return switch (this) {
      case Answer m -> {
        writeAgreement(out, m.agreement());
        yield 1;
      }
      case Ack m -> {
        out.u16(m.section());
        out.u32(m.sequence());
        yield 2;
      }
      case Ready m -> 3;
      case Started m -> {
        out.u64(m.agoNanos());
        writeTimes(out, m.loadMicros());
        writeTimes(out, m.commitMicros());
        BackEndCodec.write(out, m.backEnds());
        out.u64(m.downtimeMicros());
        out.u16(m.spans().size());
        for (MigrationInfo.Span span : m.spans()) {
          out.text(span.phase());
          out.u64(span.start());
          out.u64(span.length());
        }
        out.u64(m.jvm().collections());
        out.u64(m.jvm().collectionTime());
        out.u64(m.jvm().classesLoaded());
        yield 4;
      }
      case Failed m -> {
        out.text(m.reason());
        yield 5;
      }
      case Rehearsed m -> 6;
    };
  }

  /** Reads kind, length and body; number and length have been read. */
  static DestinationMessage read(WireReader stream) {
    int kind = stream.u8();
    WireReader in = SourceMessage.body(stream, "message " + kind + " of the destination");
    DestinationMessage message =
        switch (kind) {
          case 1 -> new Answer(readAgreement(in));
          case 2 -> new Ack(in.u16(), in.u32());
          case 3 -> new Ready();
          case 4 ->
              new Started(
                  in.u64(),
                  readTimes(in),
                  readTimes(in),
                  BackEndCodec.read(in),
                  in.u64(),
                  readSpans(in),
                  readJvm(in));
          case 5 -> new Failed(in.text());
          case 6 -> new Rehearsed();
          default -> throw in.malformed("a message of kind 1 to 6", Integer.toString(kind));
        };
    SourceMessage.end(in);
    return message;
  }

  private static void writeAgreement(WireWriter out, Agreement agreement) {
    out.u16(agreement.differences().size());
    for (Difference d : agreement.differences()) {
      out.text(d.path());
      out.text(d.source());
      out.text(d.destination());
      out.text(d.remedy());
    }
    out.u16(agreement.iterative().size());
    agreement.iterative().forEach(on -> out.u8(on ? 1 : 0));
    out.u16(agreement.downgrades().size());
    agreement.downgrades().forEach(out::text);
    out.u8(agreement.carryFrames() ? 1 : 0);
  }

  private static Agreement readAgreement(WireReader in) {
    List<Difference> differences = new ArrayList<>();
    for (int i = in.u16(); i > 0; i--) {
      differences.add(new Difference(in.text(), in.text(), in.text(), in.text()));
    }
    List<Boolean> iterative = new ArrayList<>();
    for (int i = in.u16(); i > 0; i--) {
      iterative.add(in.u8() != 0);
    }
    List<String> downgrades = new ArrayList<>();
    for (int i = in.u16(); i > 0; i--) {
      downgrades.add(in.text());
    }
    return new Agreement(differences, iterative, downgrades, in.u8() != 0);
  }

  private static void writeTimes(WireWriter out, List<Long> times) {
    out.u16(times.size());
    times.forEach(out::u64);
  }

  private static List<MigrationInfo.Span> readSpans(WireReader in) {
    List<MigrationInfo.Span> spans = new ArrayList<>();
    for (int i = in.u16(); i > 0; i--) {
      spans.add(new MigrationInfo.Span(SIDE, in.text(), in.u64(), in.u64()));
    }
    return spans;
  }

  private static MigrationInfo.Jvm readJvm(WireReader in) {
    return new MigrationInfo.Jvm(SIDE, in.u64(), in.u64(), in.u64());
  }

  private static List<Long> readTimes(WireReader in) {
    List<Long> times = new ArrayList<>();
    for (int i = in.u16(); i > 0; i--) {
      times.add(in.u64());
    }
    return times;
  }
}
