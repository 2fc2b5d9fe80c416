package handover.cli;

import handover.machine.VirtualMachine;
import java.util.List;

/** Entry point of {@code ./handover}. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] arguments) {
    System.exit(isMachine(arguments) ? machine(arguments) : Commands.execute(arguments));
  }

  private static boolean isMachine(String[] arguments) {
    return arguments.length > 0 && arguments[0].equals("vm");
  }

  /**
   * A machine starts without picocli, which would hand its options on unparsed, and takes as long
   * as all the rest: its classes are too old to be kept in the JVM's cache.
   */
  private static int machine(String[] arguments) {
    VirtualMachine.prepare();
    try {
      return VmCommand.run(List.of(arguments).subList(1, arguments.length));
    } catch (IllegalArgumentException e) {
      System.err.println("handover: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }
}
