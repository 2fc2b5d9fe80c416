package handover.diagnosis.check;

import java.util.List;
import java.util.function.BiFunction;

/**
 * One declaration per thing that can go wrong: what it looks at, when that breaks a migration, how
 * a QEMU then fails, and what to change.
 *
 * @param name of the rule
 * @param reads the queries it rests on
 * @param stage when a difference it finds is noticed
 * @param how how QEMU's failure shows
 * @param remedy what to change
 * @param finder finds the differences
 */
record Rule(
    String name,
    String reads,
    Stage stage,
    String how,
    String remedy,
    BiFunction<MachineFacts, MachineFacts, List<Found>> finder) {

  /** Two values that differ. */
  record Found(String subject, String source, String destination) {}

  /** When a destination notices, which decides what becomes of the guest. */
  enum Stage {
    /** The command is refused. */
    COMMAND,
    /** While the block list or pages are read: the source still runs and sees the link break. */
    MEMORY,
    /** When device state is read: without a return path the source has let go by then. */
    DEVICES,
    /** Somebody waits for what never comes. */
    NEVER,
    /** Nobody notices what becomes of the guest. */
    UNNOTICED,
    /** Nobody minds. */
    NOWHERE;

    private Outcome outcome(MachineFacts source, MachineFacts destination) {
      boolean hears = source.hearsOfFailure();
      return switch (this) {
        case COMMAND -> Outcome.REFUSAL;
        // A QEMU writes on until a socket's buffers are full; a JVM may need longer to refuse.
        case MEMORY -> hears || !destination.handover() ? Outcome.FAILURE : Outcome.LOST;
        case DEVICES -> hears ? Outcome.FAILURE : Outcome.LOST;
        case NEVER -> source.handover() ? Outcome.FAILURE : Outcome.HANG;
        case UNNOTICED -> Outcome.RISK;
        case NOWHERE -> Outcome.HARMLESS;
      };
    }
  }

  /** What it finds between two machines, and how that ends. */
  List<Difference> differences(MachineFacts source, MachineFacts destination) {
    return finder.apply(source, destination).stream()
        .map(
            f ->
                new Difference(
                    name,
                    f.subject(),
                    f.source(),
                    f.destination(),
                    stage.outcome(source, destination),
                    how,
                    remedy))
        .toList();
  }
}
