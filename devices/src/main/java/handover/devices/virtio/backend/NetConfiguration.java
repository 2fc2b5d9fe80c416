package handover.devices.virtio.backend;

import java.util.List;
import java.util.Set;

/**
 * All that a back end can be told of a network device before the guest has stopped.
 *
 * @param memoryBytes guest memory the back end must be able to reach
 * @param driverReady whether a driver uses the device; without one only memory matters
 * @param features what device and driver agreed on
 * @param controls classes of control commands that were negotiated
 * @param queues the enabled queues, ascending, the control queue among them
 * @param initial the control state of a device whose features have just been negotiated
 * @param control the control state wanted
 */
public record NetConfiguration(
    long memoryBytes,
    boolean driverReady,
    long features,
    Set<ControlClass> controls,
    List<QueueSetup> queues,
    ControlState initial,
    ControlState control) {
  /** Copies. */
  public NetConfiguration {
    controls = Set.copyOf(controls);
    queues = List.copyOf(queues);
  }

  /** The enabled queues' numbers. */
  public List<Integer> queueNumbers() {
    return queues.stream().map(QueueSetup::index).toList();
  }
}
