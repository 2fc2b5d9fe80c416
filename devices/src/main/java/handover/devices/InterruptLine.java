package handover.devices;

/** A level-sensitive wire into an interrupt controller or hart. Cheap, lock-free, any thread. */
@FunctionalInterface
public interface InterruptLine {
  /** A wire that goes nowhere. */
  InterruptLine NONE = asserted -> {};

  /** Drives the wire. */
  void set(boolean asserted);
}
