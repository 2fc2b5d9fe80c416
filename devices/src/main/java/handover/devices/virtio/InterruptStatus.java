package handover.devices.virtio;

import handover.devices.InterruptLine;

/**
 * The interrupt status register and the level-sensitive wire behind it.
 *
 * <p>It has a monitor of its own, so that a hart in its interrupt handler never waits for a device
 * that is busy with I/O. Nothing but the wire is called from inside.
 */
final class InterruptStatus {
  static final int QUEUE = 1;
  static final int CONFIG = 2;

  private InterruptLine line = InterruptLine.NONE;
  private int pending;

  synchronized void connect(InterruptLine wire) {
    line = wire;
    drive();
  }

  synchronized int value() {
    return pending;
  }

  /** Reads and acknowledges in one, as the register of the PCI transport does. */
  synchronized int take() {
    int taken = pending;
    pending = 0;
    drive();
    return taken;
  }

  synchronized void raise(int bits) {
    pending |= bits;
    drive();
  }

  synchronized void acknowledge(int bits) {
    pending &= ~bits;
    drive();
  }

  synchronized void replace(int bits) {
    pending = bits;
    drive();
  }

  /** Drives the wire again, for a controller whose own state was just replaced. */
  synchronized void drive() {
    line.set(pending != 0);
  }
}
