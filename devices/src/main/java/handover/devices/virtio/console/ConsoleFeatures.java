package handover.devices.virtio.console;

/** Feature bits of the console device (virtio 1.2, 5.3.3). */
final class ConsoleFeatures {
  /** The configuration space says how large the terminal is. */
  static final long SIZE = 1;

  /** There may be several ports, and a pair of control queues. */
  static final long MULTIPORT = 1 << 1;

  /** A byte written to configuration space is printed, before any queue is set up. */
  static final long EMERGENCY_WRITE = 1 << 2;

  private ConsoleFeatures() {}
}
