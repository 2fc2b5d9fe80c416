package handover.monitor;

import handover.machine.RunState;
import handover.migration.MigrationControl;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What monitors need of a virtual machine. Safe for any thread. */
public interface MonitoredMachine {
  /** {@code -name}. */
  Optional<String> name();

  /** {@code -uuid}; all zero if none was given. */
  UUID uuid();

  /** Number of harts. */
  int harts();

  /** Guest RAM in bytes. */
  long memoryBytes();

  /** The machine type, such as {@code virt}. */
  String machineType();

  /** What it is doing. */
  RunState runState();

  /** Pauses; no effect if paused. */
  void stop();

  /**
   * Runs on.
   *
   * @throws IllegalStateException saying why it cannot
   */
  void cont();

  /** Resets as by the reset button. */
  void reset();

  /** Presses the power button. */
  void powerdown();

  /** Ends the machine and with it the process. */
  void quit();

  /** Outgoing and incoming migration. */
  MigrationControl migration();

  /** Devices in board order. */
  List<MonitoredDevice> devices();

  /** One line per network back end, as its kind describes itself. */
  List<String> networks();

  /** Adds a listener. */
  void addListener(Listener listener);

  /** Hears what QMP events report; must return quickly and not throw. */
  interface Listener {
    /** The guest was paused. */
    void stopped();

    /** The guest runs. */
    void resumed();

    /** The guest was reset, by itself or from outside. */
    void reset(boolean byGuest);

    /** The machine ends. */
    void shutdown(boolean byGuest);

    /** The power button was pressed. */
    void poweredDown();
  }
}
