package handover.migration;

import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Phase 4: sends memory round after round while the guest runs, until what is left can be sent
 * within the downtime limit and every iterative device's newest state is staged. A guest that
 * writes faster than the link carries keeps this going until it is cancelled or the limits change.
 */
final class SourcePrecopy implements SourcePhase {
  private static final long NANOS = 1_000_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 50_000_000L;
  private static final long KEEP_ALIVE_NANOS = 1_000_000_000L;
  private static final long EARLY_INTERVAL_NANOS = 20_000_000L;
  private static final long ACK_WAIT_MILLIS = 20;
  private static final long REHEARSAL_WAIT_MILLIS = 50;
  private static final int FEW_PAGES = 8;
  private static final int MOST_LAST_ROUNDS = 6;

  /** Rounds shorter than this say more about latency than about bandwidth. */
  private static final long TELLING_BYTES = 1 << 20;

  private final SourceSession session;
  private final Pacer pacer;
  private long bytesPerSecond;
  private long dirtyPagesRate;
  private long remainingPages;
  private long lastCollect;
  private long lastEarly;
  private long pausedNanos;
  private long ackDeadline;
  private long rehearseDeadline;
  private long remainingBefore;
  private int lastRounds;

  SourcePrecopy(SourceSession session) {
    this.session = session;
    this.pacer =
        new Pacer(() -> session.settings().value(Parameter.MAX_BANDWIDTH), System::nanoTime);
  }

  @Override
  public Optional<SourcePhase> run() {
    // A rehearsal may be under way here since the guest came.
    try (HeadStart first = new HeadStart(session::rehearse)) {
      sendMemory(first);
    }
    return Optional.of(new SourceSwitchover(session));
  }

  private void sendMemory(HeadStart headStart) {
    session.startRecording();
    collect();
    do {
      round(headStart);
      session.tellHotCode();
      collect();
    } while (!fits() || !devicesStaged() || !rehearsed() || anotherRoundPays());
  }

  private void round(HeadStart headStart) {
    long began = System.nanoTime();
    long from = session.out().position();
    pausedNanos = 0;
    session.ram().beginRound();
    boolean more = true;
    while (more) {
      long before = session.out().position();
      more = session.ram().sendPart(pacer.chunk());
      pacer.sent(session.out().position() - before);
      session.checkpoint();
      early();
      pause();
      report();
      headStart.look();
    }
    session.fence();
    headStart.end();
    long took = System.nanoTime() - began - pausedNanos;
    long sent = session.out().position() - from;
    if (bytesPerSecond == 0 || sent >= TELLING_BYTES) {
      bytesPerSecond = (long) Math.max(1, sent * (double) NANOS / Math.max(took, 1));
    }
  }

  private void collect() {
    long now = System.nanoTime();
    long fresh = session.collect();
    if (session.rounds() > 1) {
      dirtyPagesRate = (long) (fresh * (double) NANOS / Math.max(now - lastCollect, 1));
    }
    lastCollect = now;
    remainingPages = session.ram().remainingPages();
    report();
  }

  private boolean fits() {
    double nanos = remainingPages * (double) RamFormat.PAGE * NANOS / Math.max(bytesPerSecond, 1);
    session.progress().expectedDowntimeMicros((long) (nanos / 1_000));
    return nanos <= session.settings().value(Parameter.DOWNTIME_LIMIT) * 1e6;
  }

  /**
   * Whether the destination has staged everything, or had its time: then devices go classic. Waits
   * a moment at most, so that memory written meanwhile is sent in one more round.
   */
  private boolean devicesStaged() {
    SourceSetup.sendEarly(session);
    session.out().flush();
    long now = System.nanoTime();
    if (ackDeadline == 0) {
      long limit = session.settings().value(Parameter.X_SWITCHOVER_ACK_TIMEOUT);
      ackDeadline = now + limit * 1_000_000 | 1;
    }
    if (now - ackDeadline >= 0 || session.returnPath().isEmpty()) {
      return true;
    }
    ReturnPath path = session.returnPath().get();
    boolean plain = session.peer() == SourceSession.Peer.PLAIN;
    if (plain && session.settings().enabled(Capability.SWITCHOVER_ACK)) {
      return path.awaitSwitchoverAck(ACK_WAIT_MILLIS);
    }
    return session.sections().stream()
        .allMatch(s -> path.awaitAck(s.index(), s.sequence(), ACK_WAIT_MILLIS));
  }

  /** Whether both sides have rehearsed the stop, or had their time for it. */
  private boolean rehearsed() {
    long now = System.nanoTime();
    if (rehearseDeadline == 0) {
      long limit = session.settings().value(Parameter.X_REHEARSE_TIME);
      rehearseDeadline = now + limit * 1_000_000 | 1;
    }
    return now - rehearseDeadline >= 0
        || session.rehearsed(REHEARSAL_WAIT_MILLIS) && session.compilersQuiet();
  }

  /**
   * Whether what is left would shrink much if it were sent now. Waiting let pages become dirty; a
   * round that follows at once leaves only what is written while it lasts.
   */
  private boolean anotherRoundPays() {
    boolean shrinks = remainingPages > FEW_PAGES && remainingPages < remainingBefore / 2;
    boolean pays = lastRounds == 0 || shrinks && lastRounds < MOST_LAST_ROUNDS;
    remainingBefore = lastRounds == 0 ? Long.MAX_VALUE : remainingPages;
    lastRounds++;
    return pays;
  }

  private void early() {
    long now = System.nanoTime();
    if (now - lastEarly >= EARLY_INTERVAL_NANOS) {
      lastEarly = now;
      SourceSetup.sendEarly(session);
    }
  }

  private void pause() {
    long began = System.nanoTime();
    long spoke = began;
    for (long wait = pacer.pauseNanos(); wait > 0; wait = pacer.pauseNanos()) {
      session.out().flush();
      LockSupport.parkNanos(Math.min(wait, LONGEST_PAUSE_NANOS));
      session.checkpoint();
      if (System.nanoTime() - spoke > KEEP_ALIVE_NANOS) {
        session.keepAlive();
        spoke = System.nanoTime();
      }
    }
    pausedNanos += System.nanoTime() - began;
  }

  private void report() {
    session.report(session.ram().remainingPages(), dirtyPagesRate, bytesPerSecond);
  }
}
