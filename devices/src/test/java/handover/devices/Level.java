package handover.devices;

/** A wire that remembers its level. */
final class Level implements InterruptLine {
  private volatile boolean high;
  private volatile int changes;

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: the device's lock
  public void set(boolean asserted) {
    if (asserted != high) {
      changes++;
    }
    high = asserted;
  }

  boolean high() {
    return high;
  }

  int changes() {
    return changes;
  }
}
