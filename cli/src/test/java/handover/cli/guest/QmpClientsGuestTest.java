package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.guest.PulseImage;
import handover.lab.VmProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * QEMU's own Python clients, of Debian's source package, talk to a machine of ours as to QEMU's.
 */
@Tag("guest")
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QmpClientsGuestTest {
  private static final String SHELL = "from qemu.qmp import qmp_shell; qmp_shell.main()";
  private static final String ASYNCIO =
      """
      import asyncio, sys
      from qemu.qmp import QMPClient, ExecuteError
      async def main():
          client = QMPClient('test')
          await client.connect(sys.argv[1])
          print('status', (await client.execute('query-status'))['status'])
          with client.listener(('STOP', 'RESUME')) as events:
              await client.execute('stop')
              print('event', (await events.get())['event'])
              await client.execute('cont')
              print('event', (await events.get())['event'])
          schema = await client.execute('query-qmp-schema')
          commands = {s['name'] for s in schema if s['meta-type'] == 'command'}
          offered = {c['name'] for c in await client.execute('query-commands')}
          print('schema', commands == offered)
          types = {s['name']: s for s in schema}
          print('argument', [m['name'] for m in types[types['migrate']['arg-type']]['members']])
          try:
              await client.execute('no-such-command')
          except ExecuteError as e:
              print('refused', e.error_class)
          await client.disconnect()
      asyncio.run(main())
      """;
  private static final String COMPLETION =
      """
      import sys
      from qemu.qmp.qmp_shell import QMPShell, HMPShell
      for kind, typed in ((QMPShell, 'query-mig'), (HMPShell, 'info reg')):
          with kind(sys.argv[1]) as shell:
              shell.connect()
              print('complete', shell._completer.complete(typed, 0))
      """;

  @TempDir Path folder;
  private String python;
  private VmProcess machine;

  @BeforeEach
  void startMachine() throws Exception {
    Path image = Files.write(folder.resolve("pulse.bin"), PulseImage.bytes());
    python = fetched();
    machine =
        VmProcess.start(
            folder, "vm", List.of("-m", "64", "-bios", "none", "-kernel", image.toString()));
  }

  @AfterEach
  void endMachine() {
    if (machine != null) {
      machine.close();
    }
  }

  private static String fetched() throws IOException, InterruptedException {
    Path tool = Path.of("..", "tools", "qemu-python").toAbsolutePath().normalize();
    Process fetching = new ProcessBuilder(tool.toString()).start();
    String folder = text(fetching).strip();
    String said = new String(fetching.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(fetching.waitFor() == 0, "QEMU's source package cannot be fetched here: " + said);
    return folder;
  }

  private static String text(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private String run(String input, String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("python3", "-c", program));
    command.addAll(Arrays.asList(arguments));
    command.add(folder.resolve("vm.qmp").toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", python);
    builder.environment().put("HOME", folder.toString());
    Process process = builder.start();
    try (OutputStream keys = process.getOutputStream()) {
      keys.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String said = text(process);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void qmpShellAsksAndSets() throws Exception {
    String said =
        run(
            """
            query-status
            migrate-set-capabilities capabilities=[{'capability':'return-path','state':false}]
            query-migrate-capabilities
            migrate-set-parameters downtime-limit=123
            query-migrate-parameters
            nonsense
            """,
            SHELL);
    assertThat(said)
        .contains("Connected to QEMU ")
        .contains("\"running\": true")
        .contains("{\"capability\": \"return-path\", \"state\": false}")
        .contains("\"downtime-limit\": 123")
        .contains("CommandNotFound");
  }

  @Test
  void qmpShellTakesTheHumanMonitorsLines() throws Exception {
    String said = run("info status\nxp/1xw 0x80000000\ninfo registers\nsavevm a\n", SHELL, "-H");
    assertThat(said)
        .contains("VM status: running")
        .contains("0000000080000000: 0x")
        .contains("mstatus")
        .contains("no 'savevm' here");
  }

  @Test
  void qmpShellCompletes() throws Exception {
    assertThat(run("", COMPLETION).lines())
        .containsExactly("complete query-migrate", "complete info registers");
  }

  @Test
  void asyncioClientHearsEventsAndReadsTheSchema() throws Exception {
    assertThat(run("", ASYNCIO).lines())
        .contains(
            "status running",
            "event STOP",
            "event RESUME",
            "schema True",
            "refused CommandNotFound");
  }
}
