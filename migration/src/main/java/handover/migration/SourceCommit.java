package handover.migration;

import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.VmDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Phase 6: gives the guest away, at one point after which there is no way back.
 *
 * <p>For another Handover that point is the permission, sent once the destination has loaded and
 * verified everything. A plain QEMU starts the guest when it has read the end mark, so the mark is
 * held back until a PING behind the last section has come back.
 */
record SourceCommit(SourceSession session, List<Consumer<VmDescription>> descriptions)
    implements SourcePhase {
  @Override
  public Optional<SourcePhase> run() {
    switch (session.peer()) {
      case HANDOVER -> handover();
      case PLAIN -> plain();
      case ONE_WAY -> oneWay();
    }
    return Optional.empty();
  }

  private void handover() {
    ReturnPath path = session.returnPath().orElseThrow();
    session.out().u8(StreamFormat.EOF);
    session.out().flush();
    Thread sender = Thread.currentThread();
    path.onReady(() -> permit(sender));
    path.awaitReady(session.channelTimeout());
    DestinationMessage.Started started = path.awaitStarted(session.channelTimeout());
    session.gone();
    session.timeline().mark("await started");
    session.tellStopped();
    measure(path.startedAt(), started.agoNanos());
    List<Long> loads = started.loadMicros();
    List<Long> commits = started.commitMicros();
    int known = Math.min(session.sections().size(), Math.min(loads.size(), commits.size()));
    for (int i = 0; i < known; i++) {
      long load = loads.get(i);
      long commit = commits.get(i);
      session.progress().device(i, d -> d.loadedThere(load, commit));
    }
    for (int i = 0; i < Math.min(session.sections().size(), started.backEnds().size()); i++) {
      session.progress().backEnd(i, started.backEnds().get(i));
    }
    MigrationInfo.Jvm jvm = session.timeline().activity();
    long limit = session.settings().value(Parameter.X_CARRY_FRAMES_TIME);
    session.forwarding().ifPresent(f -> f.finish(limit));
    timings(started, path.startedAt() - started.agoNanos(), jvm);
  }

  /** The destination is ready. On the thread that hears so, while the sender waits. */
  private void permit(Thread sender) {
    session.timeline().mark("await ready");
    session.giveAway();
    session.forwarding().ifPresent(f -> f.begin(sender));
    new SourceMessage.Permission().write(session.out());
    session.out().flush();
    session.timeline().mark("permission");
    session.forwarding().ifPresent(FrameForwarding::sendWaiting);
  }

  private void plain() {
    session.fence();
    session.giveAway();
    sendEnd();
    ReturnPath path = session.returnPath().orElseThrow();
    int verdict = path.awaitShut(session.channelTimeout());
    if (verdict != 0) {
      session.takeBack();
      throw new StreamException("the destination failed; its own log says why");
    }
    session.gone();
    measure(System.nanoTime(), 0);
  }

  private void oneWay() {
    if (session.address() instanceof MigrationAddress.Disk) {
      // Nobody starts a guest that is only half on disk: until all of it is there, it is ours.
      sendEnd();
      session.link().orElseThrow().endOutput();
      session.giveAway();
    } else {
      session.giveAway();
      sendEnd();
      session.link().orElseThrow().endOutput();
    }
    session.gone();
  }

  /** The end mark, and what a QEMU, or whoever looks at a file, learns about the sections from. */
  private void sendEnd() {
    session.out().u8(StreamFormat.EOF);
    session.out().flush();
    VmDescription description = new VmDescription(RamFormat.PAGE, session.machine().stream());
    descriptions.forEach(d -> d.accept(description));
    byte[] json = description.finish();
    session.out().u8(StreamFormat.VMDESCRIPTION);
    session.out().u32(json.length);
    session.out().bytes(json, 0, json.length);
    session.out().flush();
  }

  /** Both sides' phases on our clock; the destination's are known from its guest's start. */
  private void timings(
      DestinationMessage.Started started, long startedNanos, MigrationInfo.Jvm jvm) {
    long start = (startedNanos - session.timeline().origin()) / 1_000;
    List<MigrationInfo.Span> spans = new ArrayList<>(session.timeline().spans());
    for (MigrationInfo.Span s : started.spans()) {
      spans.add(new MigrationInfo.Span(s.side(), s.phase(), start + s.start(), s.length()));
    }
    session
        .progress()
        .timings(
            new MigrationInfo.Timings(
                List.copyOf(spans),
                List.of(jvm, started.jvm()),
                session.forwarding().map(FrameForwarding::frames).orElse(0L),
                OptionalLong.of(started.downtimeMicros())));
  }

  private void measure(long heard, long agoNanos) {
    OptionalLong stopped = session.stoppedRunning();
    if (stopped.isPresent()) {
      long silence = heard - stopped.getAsLong();
      session
          .progress()
          .measured(
              OptionalLong.of(Math.max(0, silence - agoNanos) / 1_000),
              OptionalLong.of(silence / 1_000));
    }
  }
}
