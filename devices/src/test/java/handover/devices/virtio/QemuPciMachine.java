package handover.devices.virtio;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** PCI devices of a QEMU whose CPU stands still. */
final class QemuPciMachine implements PciMachine, AutoCloseable {
  private final QtestProcess qemu;

  QemuPciMachine(Path folder, String... devices) throws IOException {
    qemu = new QtestProcess(folder, List.of(devices));
  }

  /** The whole stream. */
  byte[] migrate() throws IOException {
    return qemu.migrate();
  }

  @Override
  public long load(long address, int bytes) {
    return qemu.number("read%s 0x%x".formatted(suffix(bytes), address));
  }

  @Override
  public void store(long address, int bytes, long value) {
    qemu.ask("write%s 0x%x 0x%x".formatted(suffix(bytes), address, value & -1L >>> 64 - 8 * bytes));
  }

  private static String suffix(int bytes) {
    return switch (bytes) {
      case 1 -> "b";
      case 2 -> "w";
      case 4 -> "l";
      default -> "q";
    };
  }

  @Override
  public void close() throws IOException {
    qemu.close();
  }
}
