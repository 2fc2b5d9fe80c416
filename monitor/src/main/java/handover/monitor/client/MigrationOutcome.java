package handover.monitor.client;

import handover.monitor.json.Json;
import java.util.List;
import java.util.Optional;

/**
 * How a migration ended.
 *
 * @param verdict in one word
 * @param words in a sentence, with what to do if it did not go well
 * @param reasons every reason found, from both sides
 * @param source the source's last {@code query-migrate}
 * @param destination the destination's
 */
public record MigrationOutcome(
    Verdict verdict,
    String words,
    List<String> reasons,
    Optional<Json.Obj> source,
    Optional<Json.Obj> destination) {
  /** Where the guest is now. */
  public enum Verdict {
    /** It belongs to the destination. */
    MOVED,
    /** It was not moved, and belongs to the source. */
    STAYED,
    /** The sides do not match; nothing was tried. */
    REFUSED,
    /** It runs on neither, or nobody can tell; somebody has to decide. */
    UNKNOWN,
    /** It runs on both: one has to be stopped at once. */
    SPLIT
  }

  /** Whether the guest is where it was to go. */
  public boolean moved() {
    return verdict == Verdict.MOVED;
  }
}
