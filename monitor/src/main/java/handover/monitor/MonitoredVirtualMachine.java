package handover.monitor;

import handover.devices.net.Netdev;
import handover.machine.DeviceNode;
import handover.machine.MachineListener;
import handover.machine.MachineSpec;
import handover.machine.MachineView;
import handover.machine.RunState;
import handover.machine.VirtualMachine;
import handover.migration.MigrationControl;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A {@link VirtualMachine} with the face that monitors want. */
public final class MonitoredVirtualMachine implements MonitoredMachine {
  private static final UUID NO_UUID = new UUID(0, 0);

  private final VirtualMachine machine;

  /** Over a machine that exists. */
  public MonitoredVirtualMachine(VirtualMachine machine) {
    this.machine = machine;
  }

  @Override
  public Optional<String> name() {
    return machine.name();
  }

  @Override
  public UUID uuid() {
    return machine.uuid().orElse(NO_UUID);
  }

  @Override
  public int harts() {
    return machine.spec().harts();
  }

  @Override
  public long memoryBytes() {
    return machine.spec().memoryBytes();
  }

  @Override
  public RunState runState() {
    return machine.runState();
  }

  @Override
  public void stop() {
    machine.stop();
  }

  @Override
  public void cont() {
    machine.cont();
  }

  @Override
  public void reset() {
    machine.reset();
  }

  @Override
  public void powerdown() {
    machine.powerdown();
  }

  @Override
  public void quit() {
    machine.quit();
  }

  @Override
  public MigrationControl migration() {
    return machine.migration();
  }

  @Override
  public SocketAddress listen(String uri) {
    return machine.listen(uri);
  }

  @Override
  public List<DeviceNode> devices() {
    return machine.devices();
  }

  @Override
  public MachineView view() {
    return machine.view();
  }

  @Override
  public MachineSpec spec() {
    return machine.spec();
  }

  @Override
  public List<String> networks() {
    return machine.netdevs().stream().map(Netdev::describe).toList();
  }

  @Override
  public void addListener(MachineListener listener) {
    machine.addListener(listener);
  }
}
