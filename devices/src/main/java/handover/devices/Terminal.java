package handover.devices;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The terminal at standard input, switched to deliver every key at once and unchanged. {@code stty}
 * does the work, for the JVM has no call for it. Restored on close and when the JVM ends.
 */
final class Terminal implements AutoCloseable {
  private static final List<String> RAW =
      List.of(
          "-icanon", "-echo", "-echonl", "-iexten", "-ignbrk", "-brkint", "-parmrk", "-istrip",
          "-inlcr", "-igncr", "-icrnl", "-ixon", "min", "1", "time", "0");

  private static final Path STANDARD_INPUT = Path.of("/proc/self/fd/0");
  private static final Path NOTHING = Path.of("/dev/null");

  private final String before;
  private final Thread restorer = new Thread(this::restore, "restore-terminal");
  private boolean restored;

  private Terminal(String before) {
    this.before = before;
  }

  /**
   * Switches the terminal, if standard input is one.
   *
   * @param signalKeys whether Ctrl-C still interrupts the program
   */
  static Optional<Terminal> raw(boolean signalKeys) {
    Optional<Terminal> terminal =
        thinkable() ? stty(List.of("-g")).map(Terminal::new) : Optional.empty();
    terminal.ifPresent(
        t -> {
          Runtime.getRuntime().addShutdownHook(t.restorer);
          List<String> settings = new ArrayList<>(RAW);
          settings.add(signalKeys ? "isig" : "-isig");
          stty(settings);
        });
    return terminal;
  }

  /**
   * False if standard input is certainly none: a pipe, a file. A process to ask that of takes a
   * tenth of a machine's start.
   */
  private static boolean thinkable() {
    try {
      Path input = Files.readSymbolicLink(STANDARD_INPUT);
      return input.startsWith("/dev") && !input.equals(NOTHING);
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(restorer);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook has run or is about to, and restoring twice does no harm.
      return;
    }
  }

  private synchronized void restore() {
    if (!restored) {
      restored = true;
      stty(List.of(before));
    }
  }

  /** Output of a successful run; empty when standard input is no terminal or there is no stty. */
  private static Optional<String> stty(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(arguments);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.INHERIT)
              .redirectError(Redirect.DISCARD)
              .start();
      byte[] output = process.getInputStream().readAllBytes();
      return process.waitFor() == 0
          ? Optional.of(new String(output, StandardCharsets.UTF_8).strip())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
