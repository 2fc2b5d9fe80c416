package handover.devices.virtio;

import java.nio.ByteBuffer;

/**
 * What each type of device (virtio 1.2, 5) supplies to {@link VirtioFrontEnd}, which calls all of
 * it under the device's lock unless said otherwise. A {@link VirtioFault} or {@link
 * handover.memory.GuestMemoryFault} thrown here puts the device into NEEDS_RESET.
 */
abstract class DeviceType {
  /** The driver put something into queue {@code queue}, or it may have; called on the worker. */
  protected abstract void queueNotified(int queue);

  /** Fills the device-specific configuration space, from its first byte. */
  protected abstract void fillConfig(ByteBuffer littleEndian);

  /** The driver wrote configuration space. Most devices have nothing writable. */
  protected void configWritten(int offset, int bytes, long value) {}

  /** Feature negotiation ended with these features. */
  protected void featuresNegotiated(long features) {}

  /** The driver is ready: queues may be used from now on. */
  protected void driverOk() {}

  /** The driver, or the machine, reset the device; queues are already empty. */
  protected void deviceReset() {}

  /**
   * The device was paused: waits, for a short time, for what back ends still have to do. Called
   * without the lock.
   */
  protected void quiet() {}

  /** The machine runs again, perhaps another one than this device was paused in. */
  protected void resumed() {}

  /** The driver reset this one queue, which is empty now. */
  protected void queueReset(int queue) {}

  /**
   * Chains of a queue were published.
   *
   * @param wanted whether the driver wants an interrupt for them
   * @return whether the device sees to the interrupt itself, now or later
   */
  protected boolean defersInterrupt(int queue, int chains, boolean wanted) {
    return false;
  }

  /**
   * A time asked for with {@link VirtioFrontEnd#wakeAt} came.
   *
   * @return the next one, or {@link Long#MAX_VALUE} for none
   */
  protected long expire(long now) {
    return DeviceWorker.NEVER;
  }

  /** The device is about to fall quiet: what it put off is to be done now. */
  protected void quiesce() {}

  /** A queue that this device does not work itself was kicked; any thread, without the lock. */
  protected boolean kickedElsewhere(int queue) {
    return false;
  }

  /** Those of {@code features} that can be offered, given who works the rings. */
  protected long offerable(long features) {
    return features;
  }

  /** The features of {@link RingProperties} to offer. */
  abstract long ringFeatures();
}
