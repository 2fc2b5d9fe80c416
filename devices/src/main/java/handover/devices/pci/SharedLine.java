package handover.devices.pci;

import handover.devices.InterruptLine;

/** One of the bus's four interrupt wires, asserted while any pin on it is. */
final class SharedLine {
  private final InterruptLine line;
  private int asserted;

  SharedLine(InterruptLine line) {
    this.line = line;
  }

  /** A pin was asserted (1), released (-1), or only wants the wire driven again (0). */
  synchronized void change(int by) {
    asserted += by;
    line.set(asserted > 0);
  }

  /** How many pins are asserted. */
  synchronized int asserted() {
    return asserted;
  }
}
