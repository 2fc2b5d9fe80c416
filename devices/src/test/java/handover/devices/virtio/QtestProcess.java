package handover.devices.virtio;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** QEMU whose CPU stands still, driven through its qtest and QMP sockets. */
public final class QtestProcess implements AutoCloseable {
  private static final String BINARY = "qemu-system-riscv64";

  private final Process process;
  private final SocketChannel channel;
  private final BufferedReader qtest;
  private final BufferedReader qmp;
  private final Path stream;

  /**
   * Starts it with {@code options} beyond those of an empty board; files go into {@code folder}.
   */
  public QtestProcess(Path folder, List<String> options) throws IOException {
    Path socket = folder.resolve("qtest");
    stream = folder.resolve("stream");
    String fixed =
        "-M virt -m 16 -S -display none -serial none -bios none -qmp stdio -qtest unix:%s,server=on,wait=off";
    List<String> command = new ArrayList<>(List.of(BINARY));
    command.addAll(List.of(fixed.formatted(socket).split(" ", -1)));
    command.addAll(options);
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    qmp = process.inputReader();
    requireLine(qmp, "QMP");
    command("qmp_capabilities", "");
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    qtest = new BufferedReader(Channels.newReader(channel, StandardCharsets.US_ASCII));
  }

  /** Without QEMU this cannot be tested; where everything must be tested that is a failure. */
  public static void require() {
    if (System.getenv("CI") == null) {
      boolean installed =
          Arrays.stream(System.getenv("PATH").split(":", -1))
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, BINARY)));
      Assumptions.assumeTrue(installed, BINARY + " is not installed");
    }
  }

  /** One qtest command; its answer, which begins with {@code OK}. */
  public String ask(String line) {
    try {
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
      return requireLine(qtest, "OK");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number that a qtest command answers with. */
  public long number(String line) {
    return Long.parseUnsignedLong(ask(line).substring("OK 0x".length()), 16);
  }

  /**
   * One QMP command; its answer.
   *
   * @param arguments further members of the command, each with a comma before it
   */
  public String command(String name, String arguments) throws IOException {
    Writer out = process.outputWriter();
    out.write("{\"execute\":\"" + name + "\"" + arguments + "}\n");
    out.flush();
    return requireLine(qmp, "\"return\"");
  }

  /** The whole migration stream. */
  public byte[] migrate() throws IOException {
    command("migrate", ",\"arguments\":{\"uri\":\"exec:cat>" + stream + "\"}");
    String status;
    do {
      status = command("query-migrate", "");
    } while (!status.contains("\"completed\"") && !status.contains("\"failed\""));
    return Files.readAllBytes(stream);
  }

  private static String requireLine(BufferedReader in, String marker) throws IOException {
    StringBuilder said = new StringBuilder();
    String line = in.readLine();
    while (line != null && !line.contains(marker)) {
      said.append(line).append('\n');
      line = in.readLine();
    }
    if (line == null) {
      throw new IOException("QEMU ended before it said " + marker + ", but it said: " + said);
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    process.destroy();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
