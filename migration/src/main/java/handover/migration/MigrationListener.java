package handover.migration;

import java.time.Instant;

/**
 * Hears what QMP events report. Called on the migration's threads; must return quickly. What
 * happens while the guest stands still is told later, with the time when it happened.
 */
public interface MigrationListener {
  /** The status changed (event MIGRATION). */
  void statusChanged(MigrationStatus status, Instant when);

  /** A bitmap synchronisation finished (event MIGRATION_PASS); passes count from 1. */
  void passFinished(long pass, Instant when);
}
