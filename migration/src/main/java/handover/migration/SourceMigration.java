package handover.migration;

import handover.vmstate.StreamException;
import java.util.Optional;

/**
 * One outgoing migration: runs the phases, and when one fails makes everything as it was before.
 *
 * <p>Until the guest was given away, every failure ends with the guest running on here. After that,
 * a broken link leaves it stopped: two running guests are worse than one that stands still.
 */
final class SourceMigration implements Runnable {
  private static final System.Logger LOG = System.getLogger(SourceMigration.class.getName());
  private static final long REASON_WAIT_MILLIS = 1_000;
  private static final long POLITE_CANCEL_MILLIS = 250;

  private final SourceSession session;
  private volatile boolean over;

  SourceMigration(SourceSession session) {
    this.session = session;
  }

  /** Whether nothing more will happen to the machine on account of this migration. */
  boolean over() {
    MigrationStatus status = session.progress().status();
    return over || status.ended() && status != MigrationStatus.NONE;
  }

  @Override
  public void run() {
    try {
      session.rightOfWay().hurry();
      Optional<SourcePhase> phase = Optional.of(new SourceConnect(session));
      while (phase.isPresent()) {
        session.checkpoint();
        phase = phase.get().run();
      }
      session.release();
      session.progress().status(MigrationStatus.COMPLETED);
      session.link().ifPresent(Link::drainAndClose);
    } catch (RuntimeException | Error e) {
      // Even where the JVM gives up something: the guest must not stand still for it.
      end(e);
    } finally {
      over = true;
      session.sever();
    }
  }

  /** Cancels; a worker stuck in a full socket is freed by force after a moment. */
  void cancel() {
    if (over() || !session.cancel()) {
      return;
    }
    session.progress().status(MigrationStatus.CANCELLING);
    Thread.ofVirtual()
        .name("migration-cancel")
        .start(
            () -> {
              try {
                Thread.sleep(POLITE_CANCEL_MILLIS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              session.sever();
            });
  }

  private void end(Throwable cause) {
    switch (session.keep()) {
      case OURS -> endHere(cause);
      case UNKNOWN -> endUnknown(cause);
      case THEIRS -> endAfterSuccess(cause);
    }
  }

  private void endHere(Throwable cause) {
    // The guest first: everything else can wait while it runs.
    restore(cause);
    if (session.cancelled()) {
      abandon("the migration was cancelled on the source");
      session.progress().status(MigrationStatus.CANCELLED);
      return;
    }
    boolean broken = session.link().map(Link::broken).orElse(false);
    Optional<String> theirs =
        session.returnPath().flatMap(path -> path.reasonWithin(REASON_WAIT_MILLIS));
    String reason = theirs.orElseGet(() -> broken ? linkBroke(cause) : words(cause));
    boolean unexplained = theirs.isPresent() ? session.peer() == SourceSession.Peer.PLAIN : broken;
    if (unexplained) {
      reason += session.reached().map(". "::concat).orElse("");
    }
    if (theirs.isEmpty()) {
      abandon(reason);
    }
    LOG.log(System.Logger.Level.WARNING, "migration failed: {0}", reason);
    session.progress().fail(reason);
  }

  private void restore(Throwable cause) {
    try {
      session.restore();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      LOG.log(System.Logger.Level.ERROR, "the guest could not be resumed after a failure", e);
    }
  }

  /** Lets another Handover know why, if the link still carries anything. */
  private void abandon(String reason) {
    if (session.peer() != SourceSession.Peer.HANDOVER) {
      return;
    }
    try {
      new SourceMessage.Abandon(reason).write(session.out());
      session.out().flush();
    } catch (StreamException e) {
      LOG.log(System.Logger.Level.DEBUG, "the destination did not hear why", e);
    }
  }

  private void endUnknown(Throwable cause) {
    try {
      session.release();
      session.forwarding().ifPresent(FrameForwarding::takeBack);
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
    String reason =
        "the link broke after the destination was allowed to start the guest (%s); whether it runs"
                .formatted(words(cause))
            + " there is unknown, so it stays stopped here. Ask the destination (query-status): if"
            + " the guest runs there, quit this one; if not, quit the destination and then cont"
            + " here";
    LOG.log(System.Logger.Level.ERROR, reason);
    session.progress().fail(reason);
  }

  /** The guest lives on the destination; what went wrong here cannot change that. */
  private void endAfterSuccess(Throwable cause) {
    LOG.log(System.Logger.Level.ERROR, "after a migration that succeeded", cause);
    session.progress().status(MigrationStatus.COMPLETED);
  }

  private static String linkBroke(Throwable cause) {
    return "the connection to the destination ended before the guest was handed over; it stays here."
        + " See in the destination's log why, and migrate again (%s)".formatted(words(cause));
  }

  private static String words(Throwable cause) {
    return cause instanceof StreamException ? cause.getMessage() : cause.toString();
  }
}
