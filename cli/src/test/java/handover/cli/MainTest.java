package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.client.MigrationProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void tellsWhatItCanDo() {
    assertThat(run("help")).isZero();
    assertThat(out.toString()).contains("vm", "migrate", "hub", "version");
    assertThat(run("version")).isZero();
    assertThat(out.toString()).contains("Handover 0.1.0", "Java 25");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(run("migrat")).isEqualTo(2);
    assertThat(err.toString())
        .contains("there is no command 'handover migrat'; did you mean 'migrate'?");
    assertThat(run("migrate --source x")).isEqualTo(2);
    assertThat(err.toString()).contains("--destination", "--uri");
    assertThat(run("demo --gest linux")).isEqualTo(2);
    assertThat(err.toString())
        .endsWith(
            "handover: unknown option '--gest'; did you mean '--guest'?%nhandover: see 'handover demo --help'%n"
                .formatted());
    assertThat(run("guest")).isEqualTo(2);
    assertThat(err.toString()).contains("Usage: handover guest", "fetch");
  }

  @Test
  void everyCommandHasHelpAndTheVersion() {
    for (String command : Commands.line().getSubcommands().keySet()) {
      if (!command.equals("help") && !command.equals("vm")) {
        out.getBuffer().setLength(0);
        assertThat(run(command + " --help")).as(command).isZero();
        assertThat(out.toString()).startsWith("Usage: handover " + command);
        out.getBuffer().setLength(0);
        assertThat(run(command + " --version")).as(command).isZero();
        assertThat(out.toString()).contains("Handover 0.1.0");
      }
    }
    assertThat(run("help vm")).isZero();
    assertThat(out.toString()).contains("-netdev");
  }

  @Test
  void whatAFileLacksIsSaidWithItsName() {
    assertThat(run("guest pulse /nowhere/pulse")).isEqualTo(1);
    assertThat(err.toString()).contains("/nowhere/pulse: no such file");
    assertThat(run("hub --listen unix:/nowhere/hub")).isEqualTo(1);
    assertThat(err.toString()).contains("cannot listen at unix:/nowhere/hub: ");
  }

  @Test
  void theMachinesOptionsReachItUntouched() {
    CommandLine.ParseResult parsed =
        Commands.line().parseArgs("vm", "-S", "-append", "", "-device", "@x", "--", "-h");
    assertThat(parsed.subcommand().originalArgs())
        .endsWith("-S", "-append", "", "-device", "@x", "--", "-h");
    assertThat(parsed.subcommand().matchedPositionals().getFirst().stringValues())
        .containsExactly("-S", "-append", "", "-device", "@x", "--", "-h");
  }

  @Test
  void anUnreachableSourceIsSaidInWords() {
    assertThat(run("migrate --source unix:/nowhere/x --destination /y --uri tcp:a:1")).isEqualTo(1);
    assertThat(err.toString()).startsWith("handover: cannot reach a QMP server at /nowhere/x");
    assertThat(run("migrate --source carrot --destination /y --uri tcp:a:1")).isEqualTo(1);
    assertThat(err.toString()).contains("expected unix:PATH or tcp:HOST:PORT, got 'carrot'");
  }

  @Test
  void progressIsDrawnOnATerminalAndWrittenElsewhere() {
    MigrationProgress halfway =
        new MigrationProgress(
            "active", 3 << 20, 64 << 20, 128 << 20, 32 << 20, 2, OptionalLong.of(300), 1500);
    new ProgressDisplay(new PrintWriter(out), true, false).accept(halfway);
    assertThat(out.toString())
        .isEqualTo(
            "\r\033[K[###############...............] 3.0 MiB sent, 64.0 MiB of 128.0 MiB left,"
                + " 32.0 MiB/s, round 2, about 2.0 s, downtime ~300 ms");
    out.getBuffer().setLength(0);
    ProgressDisplay lines = new ProgressDisplay(new PrintWriter(out), false, false);
    lines.accept(halfway);
    lines.accept(halfway);
    assertThat(out.toString().lines()).hasSize(1).first().asString().startsWith("active: 3.0 MiB");
    out.getBuffer().setLength(0);
    new ProgressDisplay(new PrintWriter(out), false, true).accept(halfway);
    assertThat(out.toString()).isEmpty();
  }

  private int run(String arguments) {
    CommandLine line = Commands.line();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments.split(" ", -1));
  }
}
