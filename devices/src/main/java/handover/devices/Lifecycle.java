package handover.devices;

/** What the machine tells every device about itself. Called with the harts parked. */
public interface Lifecycle {
  /** Back to power-on state. */
  void reset();

  /**
   * The machine stops: when this returns, the device neither touches guest memory nor changes its
   * own state, and guest time stands still.
   */
  default void pause() {}

  /** The machine runs again, perhaps on another host. Work that was pending continues. */
  default void resume() {}
}
