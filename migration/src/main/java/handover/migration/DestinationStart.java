package handover.migration;

import handover.vmstate.BackEndBudget;
import handover.vmstate.CarriesFrames;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Phase 4: waits for the permission and starts the guest. A plain QEMU has none to give: for it the
 * end of its stream is the permission.
 */
record DestinationStart(DestinationSession session) implements DestinationPhase {
  private static final int LONGEST_DESCRIPTION = 64 << 20;

  @Override
  public Optional<DestinationPhase> run() {
    if (session.handover()) {
      awaitPermission();
      session.timeline().mark("await permission");
    } else {
      description(session.reader().u8());
      if (session.returnPath()) {
        session.say(StreamFormat.RETURN_SHUT, 0);
      }
    }
    start();
    return session.carriers().isEmpty()
        ? Optional.empty()
        : Optional.of(new DestinationCarry(session));
  }

  private void start() {
    // Before the guest can send anything: its first frame already teaches switches where it is.
    session.carriers().forEach(CarriesFrames::takeOver);
    long released = session.machine().startAfterMigration();
    session.timeline().mark("start");
    try {
      session.announce();
      session.timeline().mark("announce");
      tellSource(released);
    } finally {
      session.machine().tellStarted();
    }
    session.arrived();
  }

  private void tellSource(long released) {
    // Enabling a data plane belongs to starting the guest.
    for (int i = 0; i < session.sections().size(); i++) {
      session.progress().backEnd(i, session.sections().get(i).backEndBudget());
    }
    MigrationInfo.Jvm jvm = session.timeline().activity();
    OptionalLong stopped = session.whenStopHeard();
    if (stopped.isPresent()) {
      OptionalLong micros = OptionalLong.of((released - stopped.getAsLong()) / 1_000);
      session.progress().measured(micros, micros);
      session
          .progress()
          .timings(new MigrationInfo.Timings(session.timeline().spans(), List.of(jvm), 0, micros));
    }
    if (session.handover()) {
      List<Long> ours = session.progress().loadTimes();
      List<Long> theirOrder = session.order().stream().map(ours::get).toList();
      List<Long> commits = session.progress().commitTimes();
      List<Optional<BackEndBudget>> backEnds = session.progress().backEnds();
      session.say(
          new DestinationMessage.Started(
              System.nanoTime() - released,
              theirOrder,
              session.order().stream().map(commits::get).toList(),
              session.order().stream().map(backEnds::get).toList(),
              stopped.isPresent() ? (released - stopped.getAsLong()) / 1_000 : 0,
              sinceStart(released),
              jvm));
    }
  }

  private List<MigrationInfo.Span> sinceStart(long released) {
    long shift = (session.timeline().origin() - released) / 1_000;
    return session.timeline().spans().stream()
        .map(s -> new MigrationInfo.Span(s.side(), s.phase(), s.start() + shift, s.length()))
        .toList();
  }

  private void awaitPermission() {
    WireReader in = session.reader();
    in.enter("after the end of the stream");
    if (in.u8() != StreamFormat.COMMAND || in.u16() != Protocol.PRIVATE || in.u16() != 5) {
      throw in.malformed("the permission to start", "something else");
    }
    switch (SourceMessage.read(in)) {
      case SourceMessage.Permission m -> {}
      case SourceMessage.Abandon m -> throw new StreamException(m.reason());
      default -> throw in.malformed("the permission to start", "another message");
    }
  }

  /** Read to its end, as closing with bytes unread would look like a failure to the source. */
  private void description(int type) {
    WireReader in = session.reader();
    in.enter("description");
    if (type != StreamFormat.VMDESCRIPTION) {
      throw in.malformed("the VMDESCRIPTION (0x06)", "0x%02x".formatted(type));
    }
    int length = in.u32();
    if (length < 0 || length > LONGEST_DESCRIPTION) {
      throw in.malformed("at most 64 MiB of JSON", Integer.toUnsignedString(length) + " bytes");
    }
    byte[] waste = new byte[8 << 10];
    for (int left = length; left > 0; left -= Math.min(left, waste.length)) {
      in.bytes(waste, 0, Math.min(left, waste.length));
    }
  }
}
