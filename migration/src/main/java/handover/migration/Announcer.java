package handover.migration;

/**
 * Announces the guest on its networks after a move, again and again with growing pauses, as a
 * switch may miss the first.
 */
final class Announcer {
  private static final System.Logger LOG = System.getLogger(Announcer.class.getName());

  private final MigratableMachine machine;
  private final MigrationSettings settings;
  private Thread worker = Thread.ofVirtual().unstarted(() -> {});

  Announcer(MigratableMachine machine, MigrationSettings settings) {
    this.machine = machine;
    this.settings = settings;
  }

  /** Begins a new series with a first round at once; an older one ends. */
  synchronized void start() {
    stop();
    if (settings.value(Parameter.ANNOUNCE_ROUNDS) > 0) {
      announce();
    }
    worker = Thread.ofVirtual().name("migration-announce").start(this::run);
  }

  /** Ends the series under way, if any. */
  synchronized void stop() {
    worker.interrupt();
  }

  private void run() {
    long wait = settings.value(Parameter.ANNOUNCE_INITIAL);
    try {
      for (long round = 1; round < settings.value(Parameter.ANNOUNCE_ROUNDS); round++) {
        Thread.sleep(wait);
        announce();
        wait =
            Math.min(
                wait + settings.value(Parameter.ANNOUNCE_STEP),
                settings.value(Parameter.ANNOUNCE_MAX));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void announce() {
    try {
      machine.announceSelf();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "announcing the guest failed", e);
    }
  }
}
