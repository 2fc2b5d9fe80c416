package handover.machine;

import java.time.Instant;

/** Hears what a machine does. Called on the machine's control thread; must return quickly. */
public interface MachineListener {
  /** Why a machine shut down, by QEMU's names. */
  enum ShutdownCause {
    /** The guest powered itself off. */
    GUEST_SHUTDOWN,
    /** Somebody told the machine to end: a monitor, or the embedding program. */
    HOST_QMP_QUIT,
    /** The process was told to end. */
    HOST_SIGNAL
  }

  /** The guest stopped executing; for a migration, this is told when there is time again. */
  default void stopped(Instant when) {}

  /** The guest executes again; when it arrives, this is told a moment later. */
  default void resumed(Instant when) {}

  /** The machine was reset; {@code byGuest} if the guest asked for it. */
  default void reset(boolean byGuest) {}

  /** The machine is gone. */
  default void shutDown(ShutdownCause cause) {}

  /** The power button was pressed on the guest's behalf. */
  default void powerdownRequested() {}
}
