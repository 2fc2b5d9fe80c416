package handover.migration;

/** Unwinds the source's worker after a cancel. */
final class MigrationCancelled extends RuntimeException {
  MigrationCancelled() {
    super("the migration was cancelled", null, false, false);
  }
}
