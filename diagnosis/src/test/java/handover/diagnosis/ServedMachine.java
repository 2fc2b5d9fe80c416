package handover.diagnosis;

import handover.machine.MachineSpec;
import handover.machine.VirtualMachine;
import handover.monitor.MonitorSocket;
import handover.monitor.MonitoredVirtualMachine;
import handover.monitor.client.QmpClient;
import handover.monitor.hmp.HumanMonitor;
import handover.monitor.qmp.CommandTable;
import handover.monitor.qmp.QmpCommands;
import handover.monitor.qmp.QmpServer;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/** A machine of this program with its monitor on a socket. */
public final class ServedMachine implements AutoCloseable {
  private final VirtualMachine machine;
  private final QmpServer server;
  private final MonitorSocket socket;
  private final Path path;

  private ServedMachine(VirtualMachine machine, Path folder) throws IOException {
    this.machine = machine;
    MonitoredVirtualMachine face = new MonitoredVirtualMachine(machine);
    HumanMonitor[] human = new HumanMonitor[1];
    CommandTable table = QmpCommands.of(face, (t, line) -> human[0].run(line));
    human[0] = new HumanMonitor(face, table);
    server = new QmpServer(face, table, InstantSource.system());
    path = Files.createTempDirectory(folder, "ours").resolve("qmp");
    socket = MonitorSocket.listen(UnixDomainSocketAddress.of(path), server::serve);
  }

  /** Builds it; it does not run. */
  public static ServedMachine start(Path folder, MachineSpec spec) throws Exception {
    return new ServedMachine(VirtualMachine.create(spec), folder);
  }

  /** A client of its monitor. */
  public QmpClient connect() throws IOException {
    return QmpClient.connect("unix:" + path);
  }

  @Override
  public void close() throws IOException {
    server.close();
    socket.close();
    machine.quit();
  }
}
