package handover.diagnosis.stream;

import handover.diagnosis.QemuProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Streams that real QEMUs write when a test first asks for them. */
public final class QemuStreams {
  private static final Map<String, Path> MADE = new ConcurrentHashMap<>();

  public static final String VIRT = "qemu-system-riscv64 -M virt -m 64 -bios none";
  public static final String NET =
      VIRT + " -netdev user,id=n0 -device virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:aa:bb:cc";
  public static final String MMIO =
      VIRT
          + " -smp 2 -drive if=none,id=d0,driver=null-co,size=1M,read-zeroes=on"
          + " -device virtio-blk-device,drive=d0 -device virtio-rng-device";
  public static final String PC =
      "qemu-system-x86_64 -M pc,accel=tcg -m 64 -vga std -netdev user,id=n0"
          + " -device virtio-net-pci,netdev=n0,mq=on -device virtio-balloon-pci"
          + " -device virtio-scsi-pci -device virtio-serial-pci -device e1000";

  private QemuStreams() {}

  /** The stream of a machine started with this command line. */
  public static Path of(String command) {
    return MADE.computeIfAbsent(command, QemuStreams::make);
  }

  private static Path make(String command) {
    try {
      Path folder = Files.createTempDirectory(Path.of("target"), "streams");
      Path file = folder.toAbsolutePath().resolve("stream");
      List<String> words = new ArrayList<>(Arrays.asList(command.split(" ", -1)));
      try (QemuProcess qemu = QemuProcess.start(folder, words.toArray(String[]::new))) {
        qemu.save(file);
      }
      return file;
    } catch (Exception e) {
      throw new AssertionError("no stream of: " + command, e);
    }
  }
}
