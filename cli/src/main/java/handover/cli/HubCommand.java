package handover.cli;

import handover.devices.net.LearningSwitch;
import handover.monitor.MonitorAddress;
import java.io.IOException;
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
        spec.commandLine()
            .getOut()
            .println("listening at " + hub.listen(MonitorAddress.socketAddress(place)));
      }
      spec.commandLine().getOut().flush();
      Runtime.getRuntime().addShutdownHook(new Thread(hub::close, "close-hub"));
      new CountDownLatch(1).await();
      return 0;
    }
  }
}
