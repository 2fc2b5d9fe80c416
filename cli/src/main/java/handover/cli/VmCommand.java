package handover.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code handover vm}, for who lists commands: picocli hands everything on unparsed. */
@Command(
    name = "vm",
    description = "Runs a virtual machine; options are QEMU's.",
    customSynopsis = "handover vm [OPTION]...")
final class VmCommand implements Callable<Integer> {
  @Parameters(paramLabel = "OPTION", arity = "0..*", hidden = true)
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    return run(arguments);
  }

  /** Runs a machine; the exit status. */
  static int run(List<String> arguments) throws InterruptedException {
    VmCommandLine line = VmCommandLine.parse(arguments);
    if (line.help().isPresent()) {
      System.out.print(line.help().get());
      return 0;
    }
    return new VmRunner(System.err).run(line);
  }
}
