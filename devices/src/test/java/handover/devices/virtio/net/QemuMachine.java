package handover.devices.virtio.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * QEMU whose CPU stands still, driven through its qtest socket: the same registers, the same
 * stream.
 */
final class QemuMachine implements TestMachine, AutoCloseable {
  private static final String BINARY = "qemu-system-riscv64";

  private final Process process;
  private final SocketChannel channel;
  private final BufferedReader qtest;
  private final BufferedReader qmp;
  private final Path stream;

  QemuMachine(Path folder, boolean legacy, String options) throws IOException {
    this(folder, legacy, options, "hubport,id=n0,hubid=0");
  }

  QemuMachine(Path folder, boolean legacy, String options, String netdev) throws IOException {
    Path socket = folder.resolve("qtest");
    stream = folder.resolve("stream");
    process =
        new ProcessBuilder(
                BINARY,
                "-M",
                "virt",
                "-m",
                "16",
                "-S",
                "-display",
                "none",
                "-serial",
                "none",
                "-bios",
                "none",
                "-qmp",
                "stdio",
                "-qtest",
                "unix:" + socket + ",server=on,wait=off",
                "-global",
                "virtio-mmio.force-legacy=" + (legacy ? "on" : "off"),
                "-netdev",
                netdev,
                "-device",
                "virtio-net-device,netdev=n0" + options)
            .redirectErrorStream(true)
            .start();
    qmp = process.inputReader();
    requireLine(qmp, "QMP");
    command("qmp_capabilities", "");
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    qtest = new BufferedReader(Channels.newReader(channel, StandardCharsets.US_ASCII));
  }

  private static boolean installed() {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, BINARY)));
  }

  /** Migrates to a file and cuts the network device's section payload out. */
  byte[] section(int expectedLength) throws IOException {
    register(0x100); // QEMU saves configuration space as the driver last read it.
    command("migrate", ",\"arguments\":{\"uri\":\"exec:cat>" + stream + "\"}");
    String status;
    do {
      status = command("query-migrate", "");
    } while (!status.contains("\"completed\"") && !status.contains("\"failed\""));
    byte[] all = Files.readAllBytes(stream);
    String text = new String(all, StandardCharsets.ISO_8859_1);
    int name = text.indexOf("/virtio-net");
    int start = name + "/virtio-net".length() + 8;
    int header = text.lastIndexOf("virtio-mmio@", name) - 6;
    String footer = "~" + text.substring(header + 1, header + 5);
    int end = text.indexOf(footer, start + expectedLength);
    return Arrays.copyOfRange(all, start, end);
  }

  /** Lets the CPU run into nowhere for a moment, while QEMU announces its addresses once. */
  void announce() throws IOException {
    command("cont", "");
    command("announce-self", ",\"arguments\":{\"initial\":1,\"max\":1,\"rounds\":1,\"step\":1}");
  }

  /** Without QEMU this cannot be tested; where everything must be tested that is a failure. */
  static void require() {
    if (System.getenv("CI") == null) {
      Assumptions.assumeTrue(installed(), BINARY + " is not installed");
    }
  }

  @Override
  public void register(int offset, int value) {
    ask("writel 0x%x 0x%x".formatted(SLOT + offset, value));
  }

  @Override
  public int register(int offset) {
    return (int) number(ask("readl 0x%x".formatted(SLOT + offset)));
  }

  @Override
  public void write(long address, byte[] bytes) {
    ask("write 0x%x 0x%x 0x%s".formatted(address, bytes.length, HexFormat.of().formatHex(bytes)));
  }

  @Override
  public int load16(long address) {
    return (int) number(ask("readw 0x%x".formatted(address)));
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

  private static long number(String answer) {
    return Long.parseUnsignedLong(answer.substring("OK 0x".length()), 16);
  }

  private String ask(String line) {
    try {
      channel.write(java.nio.ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
      return requireLine(qtest, "OK");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String command(String name, String arguments) throws IOException {
    Writer out = process.outputWriter();
    out.write("{\"execute\":\"" + name + "\"" + arguments + "}\n");
    out.flush();
    return requireLine(qmp, "\"return\"");
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
}
