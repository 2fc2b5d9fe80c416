package handover.lab;

import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A {@code handover vm} in a process of its own, as a user would start it, with its QMP socket and
 * serial line.
 */
public final class VmProcess implements AutoCloseable {
  /** What tells this JVM how to log, and tests that speed is not their subject. */
  private static final List<String> INHERITED =
      List.of("java.util.logging.config.file", "handover.ready.time");

  /** The file of the JVM's options that the launcher uses. */
  private static final String OPTIONS = "handover.java.options";

  private static final Duration START = Duration.ofSeconds(60);

  private final String name;
  private final Process process;
  private final Path log;
  private final Path qmpSocket;
  private final QmpClient qmp;
  private final SerialConsole console;

  private VmProcess(
      String name,
      Process process,
      Path log,
      Path qmpSocket,
      QmpClient qmp,
      SerialConsole console) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.qmpSocket = qmpSocket;
    this.qmp = qmp;
    this.console = console;
  }

  /**
   * Starts a machine and waits until its monitor answers.
   *
   * @param directory where sockets and the log are put; short, since socket paths are limited to
   *     107 bytes
   * @param name tells several machines apart
   * @param options what follows {@code handover vm}, without {@code -qmp}, {@code -serial}
   * @throws IOException with what the process said, if it did not come up
   */
  public static VmProcess start(Path directory, String name, List<String> options)
      throws IOException, InterruptedException {
    List<String> program = new ArrayList<>(ownLauncher());
    program.add("vm");
    return start(directory, name, program, options);
  }

  /**
   * Starts a machine of any program that takes our options, such as QEMU.
   *
   * @param program the command up to where options begin
   * @see #start(Path, String, List)
   */
  public static VmProcess start(
      Path directory, String name, List<String> program, List<String> options)
      throws IOException, InterruptedException {
    Path log = directory.resolve(name + ".log");
    Path qmp = directory.resolve(name + ".qmp");
    Path serial = directory.resolve(name + ".serial");
    List<String> command = new ArrayList<>(program);
    command.addAll(options);
    command.addAll(List.of("-nographic", "-nodefaults", "-name", name));
    command.addAll(List.of("-qmp", "unix:" + qmp + ",server=on,wait=off"));
    command.addAll(List.of("-serial", "unix:" + serial + ",server=on,wait=off"));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      QmpClient client = connect(process, qmp, log);
      return new VmProcess(name, process, log, qmp, client, SerialConsole.connect(serial));
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** The {@code -name}. */
  public String name() {
    return name;
  }

  /** The QMP address, for another client. */
  public String qmpAddress() {
    return "unix:" + qmpSocket;
  }

  /** A connected QMP client. */
  public QmpClient qmp() {
    return qmp;
  }

  /** The serial line. */
  public SerialConsole console() {
    return console;
  }

  /** The process. */
  public Process process() {
    return process;
  }

  /** What the process wrote to standard output and error. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  /** Asks the machine to quit, and makes sure it has. */
  @Override
  public void close() {
    try {
      qmp.execute("quit");
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (IOException | QmpErrorException e) {
      // It is going or gone already; the process is ended below either way.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
      qmp.close();
    }
  }

  /** The command that started this very program, up to its main class. */
  public static List<String> ownLauncher() {
    String modules = System.getProperty("handover.modules", System.getProperty("jdk.module.path"));
    if (modules == null) {
      throw new IllegalStateException(
          "cannot find the program's modules; start with ./handover, or set handover.modules");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Optional.ofNullable(System.getProperty(OPTIONS))
        .ifPresent(file -> command.addAll(List.of("@" + file, "-D" + OPTIONS + "=" + file)));
    for (String setting : INHERITED) {
      Optional.ofNullable(System.getProperty(setting))
          .ifPresent(value -> command.add("-D" + setting + "=" + value));
    }
    command.addAll(List.of("-p", modules, "-m", "handover.cli/handover.cli.Main"));
    return command;
  }

  /** The socket's file is there a moment before anyone listens, so the proof is a connection. */
  private static QmpClient connect(Process process, Path socket, Path log)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      try {
        return QmpClient.connect("unix:" + socket);
      } catch (IOException e) {
        if (process.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
          throw new IOException(
              "the machine did not come up; it said: " + Files.readString(log).strip(), e);
        }
      }
    }
  }
}
