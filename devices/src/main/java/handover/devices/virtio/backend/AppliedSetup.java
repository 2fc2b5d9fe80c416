package handover.devices.virtio.backend;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a back end has been told so far, step by step, so that work cut short is not done again.
 * Used by one thread.
 */
final class AppliedSetup {
  private final BitSet created = new BitSet();
  private final Map<Integer, QueueSetup> queues = new HashMap<>();
  private long pinned;
  private boolean up;
  private boolean known = true;
  private long features;
  private Optional<ControlState> control = Optional.empty();
  private boolean loaded;
  private boolean serving;

  long pinned() {
    return pinned;
  }

  /** Whether a device with features is there, or may be. */
  boolean up() {
    return up || !known;
  }

  boolean serving() {
    return serving;
  }

  /** Whether the queues know where to go on, and were not worked on since but by this device. */
  boolean loaded() {
    return loaded;
  }

  boolean created(int queue) {
    return created.get(queue);
  }

  boolean has(QueueSetup queue) {
    return queue.equals(queues.get(queue.index()));
  }

  Optional<ControlState> control() {
    return control;
  }

  /**
   * Whether this can become {@code wanted} without a reset: features are the same, and no queue
   * that is there has moved, changed or gone.
   */
  boolean extensibleTo(NetConfiguration wanted) {
    return known
        && features == wanted.features()
        && wanted.queues().stream().filter(this::has).count() == queues.size();
  }

  void done(BackEndStep step) {
    switch (step) {
      case BackEndStep.Pin s -> pinned += s.bytes();
      case BackEndStep.Suspend s -> suspended();
      case BackEndStep.Reset s -> reset();
      case BackEndStep.SetUpDevice s -> {
        up = true;
        features = s.features();
        control = Optional.of(s.initial());
      }
      case BackEndStep.SetUpQueue s -> {
        created.set(s.queue().index());
        queues.put(s.queue().index(), s.queue());
      }
      case BackEndStep.Command s -> control = control.map(c -> c.after(s.command()));
      case BackEndStep.LoadState s -> loaded = true;
      case BackEndStep.Enable s -> serving = true;
    }
  }

  /** A step failed half-way: only a reset leads back to certainty. */
  void uncertain() {
    known = false;
    suspended();
  }

  /** The device is gone, and another one would know nothing. */
  void forget() {
    reset();
    created.clear();
    pinned = 0;
  }

  private void suspended() {
    loaded = false;
    serving = false;
  }

  private void reset() {
    known = true;
    up = false;
    suspended();
    queues.clear();
    control = Optional.empty();
  }
}
