package handover.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs one program of the host, without a shell. */
final class HostCommand {

  /** Debian package that brings each program, for the message when it is missing. */
  private static final Map<String, String> PACKAGES =
      Map.of(
          "apt-get",
          "apt",
          "apt-cache",
          "apt",
          "dpkg",
          "dpkg",
          "dpkg-deb",
          "dpkg",
          "xz",
          "xz-utils");

  private static final int LAST_LINES = 12;

  private final List<String> command;
  private final ProcessBuilder builder;

  HostCommand(List<String> command) {
    this.command = List.copyOf(command);
    this.builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
  }

  HostCommand in(Path folder) {
    builder.directory(folder.toFile());
    return this;
  }

  HostCommand with(String variable, String value) {
    builder.environment().put(variable, value);
    return this;
  }

  /** Passes each line of output on, and waits for success. */
  void run(Consumer<String> line) throws GuestFetchException {
    List<String> last = new ArrayList<>();
    Process process = start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      process.getOutputStream().close();
      for (String text = out.readLine(); text != null; text = out.readLine()) {
        line.accept(text);
        if (last.size() == LAST_LINES) {
          last.removeFirst();
        }
        last.add(text);
      }
      check(process.waitFor(), last);
    } catch (IOException e) {
      throw new GuestFetchException(command.getFirst() + " could not be read: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GuestFetchException("interrupted while " + command.getFirst() + " ran", e);
    } finally {
      process.destroy();
    }
  }

  /** All lines of output. */
  List<String> lines() throws GuestFetchException {
    List<String> lines = new ArrayList<>();
    run(lines::add);
    return lines;
  }

  private Process start() throws GuestFetchException {
    try {
      return builder.start();
    } catch (IOException e) {
      String program = command.getFirst();
      String name = PACKAGES.getOrDefault(program, program);
      throw new GuestFetchException(
          program
              + " is needed on this host and was not found. On Debian, install the package "
              + name
              + "; elsewhere, run './handover guest fetch' on a Debian machine and copy its cache"
              + " folder, or pass your own -kernel, -initrd and -bios files",
          e);
    }
  }

  private void check(int status, List<String> last) throws GuestFetchException {
    if (status != 0) {
      throw new GuestFetchException(
          String.join(" ", command)
              + " failed with status "
              + status
              + ":\n  "
              + String.join("\n  ", last));
    }
  }
}
