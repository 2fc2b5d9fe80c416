package handover.machine;

import java.util.Locale;

/** What a machine is doing, by QEMU's names ({@code RunState} of its QMP reference). */
public enum RunState {
  /** Built, and its guest has not run yet: {@code -S}, or not started. */
  PRELAUNCH,
  /** Waits for a guest to arrive. */
  INMIGRATE,
  /** The guest runs. */
  RUNNING,
  /** The guest was stopped, or has arrived stopped. */
  PAUSED,
  /** The guest stands still for the switchover of a migration. */
  FINISH_MIGRATE,
  /** The guest runs elsewhere now; this is what is left of it. */
  POSTMIGRATE,
  /** The machine has ended. */
  SHUTDOWN,
  /** A hart broke down by our fault; the guest stands still until it is reset. */
  INTERNAL_ERROR;

  /** Name in QMP. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
