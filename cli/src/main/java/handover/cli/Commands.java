package handover.cli;

import handover.devices.FileFailure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** Every command, as picocli knows them. */
@Command(
    name = "handover",
    description = "Runs Linux guests on a software RISC-V CPU and moves them while they run.",
    versionProvider = VersionCommand.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class Commands {
  private static final List<Class<?>> COMMANDS =
      List.of(
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
          VersionCommand.class);

  private static final String MACHINE_OPTIONS = "machineOptions";

  private Commands() {}

  /**
   * Runs one command.
   *
   * @return 0 if all went well, 1 if it failed, 2 if it was not understood
   */
  static int execute(String... arguments) {
    return line(arguments.length == 0 ? "" : arguments[0]).execute(arguments);
  }

  /** With every command. */
  static CommandLine line() {
    return line("");
  }

  /** With the one command that is called, or with all: to describe one to picocli takes 20 ms. */
  private static CommandLine line(String called) {
    CommandLine line = new CommandLine(new Commands());
    List<Class<?>> one = COMMANDS.stream().filter(c -> isCalled(c, called)).toList();
    (one.isEmpty() ? COMMANDS : one).forEach(line::addSubcommand);
    line.setExpandAtFiles(false);
    line.getSubcommands().values().forEach(Commands::shareVersion);
    Optional.ofNullable(line.getSubcommands().get("vm"))
        .ifPresent(
            vm -> {
              acceptMachineOptions(vm);
              vm.setHelpSectionKeys(List.of(MACHINE_OPTIONS));
              vm.getHelpSectionMap().put(MACHINE_OPTIONS, help -> VmOption.usage());
            });
    Optional.ofNullable(line.getSubcommands().get("vmstate"))
        .map(vmstate -> vmstate.getSubcommands().get("dump"))
        .ifPresent(Commands::acceptMachineOptions);
    return line.setParameterExceptionHandler(Misunderstanding::tell)
        .setExecutionExceptionHandler(Commands::explain);
  }

  /** Help knows its neighbours, and may be asked for any of them. */
  private static boolean isCalled(Class<?> command, String called) {
    return command != HelpCommand.class
        && command.getAnnotation(Command.class).name().equals(called);
  }

  /** Picocli's standard options ask every command for its version; there is one for all. */
  private static void shareVersion(CommandLine command) {
    command.getCommandSpec().versionProvider(new VersionCommand());
    command.getSubcommands().values().forEach(Commands::shareVersion);
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
    String words =
        switch (e) {
          case IOException io -> FileFailure.named(io);
          case IllegalArgumentException wrong -> wrong.getMessage();
          default -> throw e;
        };
    line.getErr().println("handover: " + words);
    return CommandLine.ExitCode.SOFTWARE;
  }
}
