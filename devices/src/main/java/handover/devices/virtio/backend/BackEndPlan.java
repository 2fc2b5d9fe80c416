package handover.devices.virtio.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The steps that bring a back end from what was applied to what is wanted: the difference. */
final class BackEndPlan {
  /** Memory is pinned piece by piece, so that a change of plan need not wait for all of it. */
  static final long PIN_CHUNK = 64L << 20;

  private BackEndPlan() {}

  /**
   * Plans.
   *
   * @param applied what was applied; not changed
   * @param goOn whether positions that were loaded still hold, so that a device that serves may go
   *     on doing so; else it is suspended
   * @param positions where to begin serving; empty to only get ready
   * @param serve whether to begin serving now, or only to be about to
   */
  static List<BackEndStep> between(
      AppliedSetup applied,
      NetConfiguration wanted,
      boolean goOn,
      Optional<List<QueuePosition>> positions,
      boolean serve) {
    List<BackEndStep> steps = new ArrayList<>();
    pin(applied.pinned(), wanted.memoryBytes(), steps);
    boolean fresh = !applied.up();
    if (!fresh && !applied.extensibleTo(wanted) || applied.up() && !wanted.driverReady()) {
      steps.add(new BackEndStep.Reset());
      fresh = true;
    }
    boolean goesOn = goOn && !fresh && applied.loaded();
    if (!fresh && applied.serving() && !goesOn) {
      steps.add(new BackEndStep.Suspend());
    }
    if (wanted.driverReady()) {
      setUp(applied, fresh, wanted, steps);
      positions.filter(p -> !goesOn).ifPresent(p -> steps.add(new BackEndStep.LoadState(p)));
      if (serve && !(goesOn && applied.serving())) {
        steps.add(new BackEndStep.Enable(wanted.queueNumbers()));
      }
    }
    return steps;
  }

  private static void pin(long from, long to, List<BackEndStep> steps) {
    for (long at = from; at < to; at += PIN_CHUNK) {
      steps.add(new BackEndStep.Pin(Math.min(PIN_CHUNK, to - at)));
    }
  }

  private static void setUp(
      AppliedSetup applied, boolean fresh, NetConfiguration wanted, List<BackEndStep> steps) {
    if (fresh) {
      steps.add(new BackEndStep.SetUpDevice(wanted.features(), wanted.initial()));
    }
    for (QueueSetup queue : wanted.queues()) {
      if (fresh || !applied.has(queue)) {
        steps.add(new BackEndStep.SetUpQueue(queue, !applied.created(queue.index())));
      }
    }
    ControlState from = fresh ? wanted.initial() : applied.control().orElse(wanted.initial());
    ControlPlan.between(wanted.controls(), from, wanted.control())
        .forEach(command -> steps.add(new BackEndStep.Command(command)));
  }
}
