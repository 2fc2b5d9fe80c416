package handover.devices;

/** What the keys of a {@code mon:stdio} console that are not for the guest do. */
public interface ConsoleEscapes {
  /** Ctrl-A x: end the virtual machine. */
  void quit();

  /**
   * Ctrl-A c: the keyboard changes hands.
   *
   * @param monitor whether it is the monitor's now, else the guest's
   */
  default void focus(boolean monitor) {}

  /** A byte typed while the keyboard is the monitor's. */
  default void monitorInput(int value) {}
}
