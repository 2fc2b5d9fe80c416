package handover.migration;

import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.VmDescription;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Phase 6: gives the guest away, at one point after which there is no way back.
 *
 * <p>For another Handover that point is the permission, sent once the destination has loaded and
 * verified everything. A plain QEMU starts the guest when it has read the end mark, so the mark is
 * held back until a PING behind the last section has come back.
 */
record SourceCommit(SourceSession session, VmDescription description) implements SourcePhase {
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
    sendEnd();
    path.awaitReady(session.channelTimeout());
    session.giveAway();
    new SourceMessage.Permission().write(session.out());
    session.forwarding().ifPresent(FrameForwarding::begin);
    session.out().flush();
    DestinationMessage.Started started = path.awaitStarted(session.channelTimeout());
    session.gone();
    measure(path.startedAt(), started.agoNanos());
    List<Long> loads = started.loadMicros();
    for (int i = 0; i < Math.min(loads.size(), session.sections().size()); i++) {
      long micros = loads.get(i);
      session.progress().device(i, d -> d.loadedThere(micros));
    }
    long limit = session.settings().value(Parameter.X_CARRY_FRAMES_TIME);
    session.forwarding().ifPresent(f -> f.finish(limit));
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
    session.giveAway();
    sendEnd();
    session.link().orElseThrow().endOutput();
    session.gone();
  }

  /** The end mark first: the destination goes to work while the description is still written. */
  private void sendEnd() {
    session.out().u8(StreamFormat.EOF);
    session.out().flush();
    byte[] json = description.finish();
    session.out().u8(StreamFormat.VMDESCRIPTION);
    session.out().u32(json.length);
    session.out().bytes(json, 0, json.length);
    session.out().flush();
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
