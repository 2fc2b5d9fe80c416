package handover.migration;

import handover.vmstate.BackEndBudget;
import java.util.Optional;

/** One section's share of a migration, counted as it goes. Guarded by its {@link Progress}. */
final class DeviceTally {
  private final String id;
  private boolean iterative;
  private long earlyBytes;
  private long finalBytes;
  private int earlyStates;
  private long saveMicros;
  private long loadMicros;
  private long sendMicros;
  private long commitMicros;
  private int epochs;
  private Optional<BackEndBudget> backEnd = Optional.empty();

  DeviceTally(String id) {
    this.id = id;
  }

  void early(long bytes) {
    iterative = true;
    earlyBytes += bytes;
    earlyStates++;
  }

  /** An early state that voids those before it, if there were any. */
  void restarted() {
    epochs += earlyStates > 1 ? 1 : 0;
  }

  void saved(long bytes, long saveNanos, long sendNanos) {
    finalBytes += bytes;
    saveMicros += saveNanos / 1_000;
    sendMicros += sendNanos / 1_000;
  }

  void received(long bytes) {
    finalBytes += bytes;
  }

  void loaded(long nanos) {
    loadMicros += nanos / 1_000;
  }

  void committed(long nanos) {
    loaded(nanos);
    commitMicros += nanos / 1_000;
  }

  void loadedThere(long micros, long ofThatCommit) {
    loadMicros = micros;
    commitMicros = ofThatCommit;
  }

  void backEnd(BackEndBudget budget) {
    backEnd = Optional.of(budget);
  }

  Optional<BackEndBudget> backEnd() {
    return backEnd;
  }

  long commitMicros() {
    return commitMicros;
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
        epochs,
        saveMicros,
        sendMicros,
        loadMicros,
        commitMicros,
        backEnd);
  }
}
