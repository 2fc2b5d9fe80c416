package handover.devices.virtio.backend;

/**
 * A back end that serves a network device's rings, as {@link DataPlane} drives it: one step after
 * the other, on one thread.
 */
@FunctionalInterface
public interface BackEndDevice {
  /**
   * Does the step and returns when it is done.
   *
   * @throws java.io.UncheckedIOException if it cannot; the device is then in no known state and
   *     will be reset before anything else
   * @throws InterruptedException if the data plane is being closed
   */
  void perform(BackEndStep step) throws InterruptedException;
}
