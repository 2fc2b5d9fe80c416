package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.machine.MachineSpecException;
import handover.machine.VirtualMachine;
import handover.monitor.MonitoredVirtualMachine;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ConsoleMonitorTest {
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final ConsoleMonitor console =
      new ConsoleMonitor(new PrintStream(screen, true, StandardCharsets.UTF_8));

  @Test
  void echoesEditsAndRunsWhatIsTyped() throws MachineSpecException, InterruptedException {
    VmCommandLine line =
        VmCommandLine.parse(List.of("-m", "16", "-nodefaults", "-incoming", "defer"));
    try (VirtualMachine machine = VirtualMachine.create(line.spec());
        Monitors monitors = new Monitors(new MonitoredVirtualMachine(machine))) {
      CountDownLatch quit = new CountDownLatch(1);
      console.serve(monitors.human(), quit::countDown);
      console.focus(true);
      "info statx\u007f\u0001us\r".chars().forEach(console::monitorInput);
      console.focus(false);
      console.quit();
      assertThat(quit.await(5, TimeUnit.SECONDS)).as("quit was called").isTrue();
    }
    assertThat(screen.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "\r\n(handover) info statx\b \bus\r\nVM status: paused (prelaunch)\r\n(handover) \r\n");
  }
}
