package handover.migration;

/** Hears what QMP events report. Called on the migration's threads; must return quickly. */
public interface MigrationListener {
  /** The status changed (event MIGRATION). */
  void statusChanged(MigrationStatus status);

  /** A bitmap synchronisation finished (event MIGRATION_PASS); passes count from 1. */
  void passFinished(long pass);
}
