package handover.cli;

import handover.devices.net.LearningSwitch;
import handover.devices.net.StreamSocket;
import handover.monitor.MonitorAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code handover hub}: a learning switch between stream netdevs. */
@Command(
    name = "hub",
    description = {
      "Switches frames between stream netdevs, of this program and of QEMU, until Ctrl-C.",
      "Guests join with -netdev stream,id=n0,addr.type=unix,addr.path=PATH"
    },
    mixinStandardHelpOptions = true)
final class HubCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--listen",
      required = true,
      paramLabel = "unix:PATH|tcp:HOST:PORT",
      description = "Where guests connect; may be given several times.")
  private List<String> places = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (LearningSwitch hub = new LearningSwitch()) {
      for (String place : places) {
        spec.commandLine().getOut().println("listening at " + listen(hub, place));
      }
      spec.commandLine().getOut().flush();
      Runtime.getRuntime().addShutdownHook(new Thread(hub::close, "close-hub"));
      new CountDownLatch(1).await();
      return 0;
    }
  }

  private static String listen(LearningSwitch hub, String place) throws IOException {
    SocketAddress address = MonitorAddress.socketAddress(place);
    try {
      return StreamSocket.text(hub.listen(address));
    } catch (IOException e) {
      throw new IOException("cannot listen at %s: %s".formatted(place, e.getMessage()), e);
    }
  }
}
