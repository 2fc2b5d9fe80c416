package handover.migration;

/** One section's share of a migration, counted as it goes. Guarded by its {@link Progress}. */
final class DeviceTally {
  private final String id;
  private boolean iterative;
  private long earlyBytes;
  private long finalBytes;
  private int earlyStates;
  private long saveMicros;
  private long loadMicros;

  DeviceTally(String id) {
    this.id = id;
  }

  void early(long bytes) {
    iterative = true;
    earlyBytes += bytes;
    earlyStates++;
  }

  void saved(long bytes, long nanos) {
    finalBytes += bytes;
    saveMicros += nanos / 1_000;
  }

  void received(long bytes) {
    finalBytes += bytes;
  }

  void loaded(long nanos) {
    loadMicros += nanos / 1_000;
  }

  void loadedThere(long micros) {
    loadMicros = micros;
  }

  long loadMicros() {
    return loadMicros;
  }

  MigrationInfo.Device snapshot() {
    return new MigrationInfo.Device(
        id,
        iterative,
        earlyBytes,
        finalBytes,
        Math.max(0, earlyStates - 1),
        saveMicros,
        loadMicros);
  }
}
