package handover.devices.virtio.backend;

import handover.vmstate.BackEndBudget;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Adds up what the steps of a set-up took, before and after the commit began. Guarded by its owner.
 */
final class BudgetMeter {
  /** What a wish means for the costs that follow it. */
  enum Occasion {
    /** Some time before a commit, or long after one. */
    EARLY,
    COMMIT,
    /** What is left of a commit. */
    AFTER_COMMIT
  }

  private final Map<BudgetLine, Long> early = new EnumMap<>(BudgetLine.class);
  private final Map<BudgetLine, Long> blackout = new EnumMap<>(BudgetLine.class);
  private OptionalLong commitAt = OptionalLong.empty();
  private boolean committed;

  /** Something is wanted from now on. What follows a commit belongs to the next migration. */
  void begin(Occasion occasion, LongSupplier nanoTime) {
    if (committed && occasion != Occasion.AFTER_COMMIT) {
      early.clear();
      blackout.clear();
      commitAt = OptionalLong.empty();
    }
    committed = occasion != Occasion.EARLY;
    if (occasion == Occasion.COMMIT) {
      commitAt = OptionalLong.of(nanoTime.getAsLong());
    }
  }

  /**
   * Counts a step; one that was under way when the commit began is split.
   *
   * @param from when it began, in nanoseconds
   * @param to when it ended
   */
  void add(BackEndStep step, long from, long to) {
    BudgetLine line = line(step);
    long before =
        commitAt.isPresent() ? Math.clamp(commitAt.getAsLong() - from, 0, to - from) : to - from;
    early.merge(line, before, Long::sum);
    blackout.merge(line, to - from - before, Long::sum);
  }

  BackEndBudget budget() {
    return new BackEndBudget(lines(early), lines(blackout));
  }

  private static BackEndBudget.Lines lines(Map<BudgetLine, Long> nanos) {
    return new BackEndBudget.Lines(
        micros(nanos, BudgetLine.PINNING),
        micros(nanos, BudgetLine.VQ_CREATION),
        micros(nanos, BudgetLine.CONTROL),
        micros(nanos, BudgetLine.STATE_LOAD),
        micros(nanos, BudgetLine.ENABLE));
  }

  private static long micros(Map<BudgetLine, Long> nanos, BudgetLine line) {
    return nanos.getOrDefault(line, 0L) / 1_000;
  }

  private static BudgetLine line(BackEndStep step) {
    return switch (step) {
      case BackEndStep.Pin s -> BudgetLine.PINNING;
      case BackEndStep.Suspend s -> BudgetLine.ENABLE;
      case BackEndStep.Reset s -> BudgetLine.VQ_CREATION;
      case BackEndStep.SetUpDevice s -> BudgetLine.VQ_CREATION;
      case BackEndStep.SetUpQueue s -> BudgetLine.VQ_CREATION;
      case BackEndStep.Command s -> BudgetLine.CONTROL;
      case BackEndStep.LoadState s -> BudgetLine.STATE_LOAD;
      case BackEndStep.Enable s -> BudgetLine.ENABLE;
    };
  }
}
