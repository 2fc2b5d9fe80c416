package handover.devices.pci;

import handover.devices.InterruptLine;

/**
 * A function's interrupt pin: reaches its wire unless the command register disables it or MSI-X has
 * taken its place. Has a monitor of its own, under which only the shared wire is driven.
 */
final class IntxPin implements InterruptLine {
  private final SharedLine wire;
  private boolean level;
  private boolean disabled;
  private boolean replaced;
  private boolean driven;

  IntxPin(SharedLine wire) {
    this.wire = wire;
  }

  @Override
  public synchronized void set(boolean asserted) {
    level = asserted;
    drive();
  }

  /** What configuration space says: INTx disabled, or MSI-X used instead. */
  synchronized void gate(boolean intxDisabled, boolean msix) {
    disabled = intxDisabled;
    replaced = msix;
    drive();
  }

  /** Whether the function wants an interrupt on this pin, disabled or not. */
  synchronized boolean pending() {
    return level && !replaced;
  }

  private void drive() {
    boolean now = level && !disabled && !replaced;
    wire.change(now == driven ? 0 : now ? 1 : -1);
    driven = now;
  }
}
