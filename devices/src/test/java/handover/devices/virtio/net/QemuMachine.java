package handover.devices.virtio.net;

import handover.devices.virtio.QtestProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** A network device of a QEMU whose CPU stands still: the same registers, the same stream. */
final class QemuMachine implements TestMachine, AutoCloseable {
  private final QtestProcess qemu;

  QemuMachine(Path folder, boolean legacy, String options) throws IOException {
    this(folder, legacy, options, "hubport,id=n0,hubid=0");
  }

  QemuMachine(Path folder, boolean legacy, String options, String netdev) throws IOException {
    qemu =
        new QtestProcess(
            folder,
            List.of(
                "-global",
                "virtio-mmio.force-legacy=" + (legacy ? "on" : "off"),
                "-netdev",
                netdev,
                "-device",
                "virtio-net-device,netdev=n0" + options));
  }

  /** Migrates to a file and cuts the network device's section payload out. */
  byte[] section(int expectedLength) throws IOException {
    register(0x100); // QEMU saves configuration space as the driver last read it.
    byte[] all = qemu.migrate();
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
    qemu.command("cont", "");
    qemu.command(
        "announce-self", ",\"arguments\":{\"initial\":1,\"max\":1,\"rounds\":1,\"step\":1}");
  }

  @Override
  public void register(int offset, int value) {
    qemu.ask("writel 0x%x 0x%x".formatted(SLOT + offset, value));
  }

  @Override
  public int register(int offset) {
    return (int) qemu.number("readl 0x%x".formatted(SLOT + offset));
  }

  @Override
  public void write(long address, byte[] bytes) {
    qemu.ask(
        "write 0x%x 0x%x 0x%s".formatted(address, bytes.length, HexFormat.of().formatHex(bytes)));
  }

  @Override
  public int load16(long address) {
    return (int) qemu.number("readw 0x%x".formatted(address));
  }

  @Override
  public void close() throws IOException {
    qemu.close();
  }
}
