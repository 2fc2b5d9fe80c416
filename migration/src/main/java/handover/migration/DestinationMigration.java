package handover.migration;

import handover.vmstate.StreamException;
import java.util.Optional;

/** One incoming migration: runs the phases; when one fails, undoes what was staged and says why. */
final class DestinationMigration {
  private static final System.Logger LOG = System.getLogger(DestinationMigration.class.getName());

  private final MigratableMachine machine;
  private final MigrationSettings settings;
  private final Progress progress;

  DestinationMigration(MigratableMachine machine, MigrationSettings settings, Progress progress) {
    this.machine = machine;
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Takes a machine in.
   *
   * @param announcer tells the networks; called as soon as the guest runs
   * @param arrived called when the guest runs here
   */
  void receive(Link link, Runnable announcer, Runnable arrived) {
    try (DestinationSession session =
        new DestinationSession(
            machine, settings, progress, link.in(), link.out(), announcer, arrived)) {
      try {
        if (!link.file()) {
          // A guest in a file stands still already; to ask for it would take longer than it saves.
          session.rightOfWay().hurry();
        }
        Optional<DestinationPhase> phase = Optional.of(new DestinationHeader(session));
        while (phase.isPresent()) {
          phase = phase.get().run();
        }
      } catch (RuntimeException | Error e) {
        fail(session, e, link.in().broken());
      } finally {
        link.drainAndClose();
      }
    }
  }

  private void fail(DestinationSession session, Throwable cause, boolean broken) {
    boolean foreseen = cause instanceof StreamException;
    String words = foreseen ? cause.getMessage() : "an internal fault: " + cause;
    String reason =
        broken
            ? "the connection ended before the guest was handed over; it runs on at the source, try"
                + " again ("
                + words
                + ")"
            : words;
    LOG.log(System.Logger.Level.WARNING, "incoming migration failed: " + reason);
    if (!foreseen) {
      LOG.log(System.Logger.Level.ERROR, "an internal fault while receiving", cause);
    }
    session.fail(reason);
    progress.fail(reason);
  }
}
