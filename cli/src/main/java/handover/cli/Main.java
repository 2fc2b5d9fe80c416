package handover.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** Entry point of {@code ./handover}. */
@Command(
    name = "handover",
    description = "Runs Linux guests on a software RISC-V CPU and moves them while they run.",
    versionProvider = VersionCommand.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      VmCommand.class,
      MigrateCommand.class,
      CheckCommand.class,
      InspectCommand.class,
      TranslateCommand.class,
      HubCommand.class,
      GuestCommand.class,
      DemoCommand.class,
      LabCommand.class,
      VmstateCommand.class,
      HelpCommand.class,
      VersionCommand.class
    })
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /**
   * Runs one command.
   *
   * @return 0 if all went well, 1 if it failed, 2 if it was not understood
   */
  static int execute(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setExpandAtFiles(false);
    acceptMachineOptions(line.getSubcommands().get("vm"));
    acceptMachineOptions(line.getSubcommands().get("vmstate").getSubcommands().get("dump"));
    return line.setExecutionExceptionHandler(Main::explain);
  }

  /**
   * The machine's options are QEMU's, with one dash and values of their own syntax. An empty value
   * is one of them, and nothing may end the options: no argument can contain NUL.
   */
  private static void acceptMachineOptions(CommandLine command) {
    command.setUnmatchedOptionsArePositionalParams(true).setEndOfOptionsDelimiter("\0");
  }

  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult unused)
      throws Exception {
    if (e instanceof java.io.IOException || e instanceof IllegalArgumentException) {
      line.getErr().println("handover: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    throw e;
  }
}
