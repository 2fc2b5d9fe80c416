package handover.monitor;

import handover.machine.DeviceNode;
import handover.machine.MachineListener;
import handover.machine.MachineSpec;
import handover.machine.MachineView;
import handover.machine.RunState;
import handover.migration.MigrationControl;
import java.net.SocketAddress;
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

  /**
   * Begins to wait for a machine; returns once listening.
   *
   * @return where, with the port the system chose if 0 was asked for
   * @throws IllegalStateException if the machine does not wait for one
   */
  SocketAddress listen(String uri);

  /** Outgoing and incoming migration. */
  MigrationControl migration();

  /** Devices in board order. */
  List<DeviceNode> devices();

  /** What can be looked at. */
  MachineView view();

  /** Character devices and drives, as asked for. */
  MachineSpec spec();

  /** One line per network back end, as its kind describes itself. */
  List<String> networks();

  /** Adds a listener. */
  void addListener(MachineListener listener);
}
