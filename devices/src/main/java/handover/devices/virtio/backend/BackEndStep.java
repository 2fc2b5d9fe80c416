package handover.devices.virtio.backend;

import java.util.List;

/** One thing a back end is told to do. */
public sealed interface BackEndStep {
  /** Makes so many more bytes of guest memory reachable. */
  record Pin(long bytes) implements BackEndStep {}

  /** Stops serving; all that was set up stays, but for the queues' positions. */
  record Suspend() implements BackEndStep {}

  /** Stops serving and forgets features, queues and control state. Memory stays pinned. */
  record Reset() implements BackEndStep {}

  /** Sets the device itself up, with these features and the control state they imply. */
  record SetUpDevice(long features, ControlState initial) implements BackEndStep {}

  /**
   * Sets a queue up, which does not serve yet.
   *
   * @param create whether the back end never had this queue; else it is modified
   */
  record SetUpQueue(QueueSetup queue, boolean create) implements BackEndStep {}

  /** Issues a control command. */
  record Command(ControlCommand command) implements BackEndStep {}

  /** Says where to go on in each ring. */
  record LoadState(List<QueuePosition> positions) implements BackEndStep {
    /** Copies. */
    public LoadState {
      positions = List.copyOf(positions);
    }
  }

  /**
   * Begins to serve. All queues at once: a device that learnt of them one by one would program its
   * receive-side scaling anew for each.
   */
  record Enable(List<Integer> queues) implements BackEndStep {
    /** Copies. */
    public Enable {
      queues = List.copyOf(queues);
    }
  }
}
