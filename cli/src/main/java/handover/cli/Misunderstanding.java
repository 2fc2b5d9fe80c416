package handover.cli;

import handover.devices.NearestName;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what of a command line was not understood, in the form in which {@code vm} says it. */
final class Misunderstanding {
  private Misunderstanding() {}

  /** Tells it; the exit status. */
  static int tell(ParameterException e, String[] unused) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    if (lacksSubcommand(e)) {
      command.usage(err);
    } else {
      err.println("handover: " + words(e));
      err.println("handover: see '%s --help'".formatted(name(command)));
    }
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static boolean lacksSubcommand(ParameterException e) {
    return !e.getCommandLine().getSubcommands().isEmpty()
        && !(e instanceof UnmatchedArgumentException)
        && !(e instanceof MissingParameterException);
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName();
  }

  private static String words(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unknown(e.getCommandLine(), unmatched.getUnmatched().getFirst());
    }
    String text = e.getMessage();
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }

  /** What follows an unknown option is most likely its value: only the first is named. */
  private static String unknown(CommandLine command, String word) {
    if (word.startsWith("-")) {
      List<String> options =
          command.getCommandSpec().options().stream().map(o -> o.longestName()).toList();
      String typed = word.split("=", 2)[0];
      return "unknown option '%s'%s".formatted(typed, NearestName.hint(typed, options));
    }
    return command.getSubcommands().isEmpty()
        ? "unexpected argument '%s'".formatted(word)
        : "there is no command '%s %s'%s"
            .formatted(
                name(command), word, NearestName.hint(word, command.getSubcommands().keySet()));
  }
}
