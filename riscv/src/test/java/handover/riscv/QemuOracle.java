package handover.riscv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs an {@link OracleImage} in {@code qemu-system-riscv64}. */
final class QemuOracle {
  private static final String PROGRAM = "qemu-system-riscv64";

  // The same extensions as our hart's. QEMU 7.2 has them on by default.
  private static final String CPU =
      "rv64,v=off,h=off,sstc=off,zba=off,zbb=off,zbc=off,zbs=off,pmu-num=0";

  private static final int TIMEOUT_SECONDS = 30;

  private QemuOracle() {}

  static boolean installed() {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
  }

  /**
   * Runs until the program powers the machine off.
   *
   * @return RAM as the program left it
   */
  static byte[] run(OracleImage image, Path folder) throws IOException, InterruptedException {
    byte[] ram = image.ram();
    // RAM is a shared file: what the guest leaves behind needs no monitor to be read.
    Path file = Files.write(folder.resolve("ram"), ram);
    Path log = folder.resolve("qemu.log");
    Process qemu =
        new ProcessBuilder(command(file, ram.length))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      boolean finished = qemu.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      byte[] result = Files.readAllBytes(file);
      if (!finished || qemu.exitValue() != 0) {
        throw new IllegalStateException(
            "QEMU did not power off within %d s or failed; it is in %s: %s"
                .formatted(
                    TIMEOUT_SECONDS,
                    image.slot(OracleImage.slotsRun(result)),
                    Files.readString(log)));
      }
      return result;
    } finally {
      qemu.destroyForcibly();
    }
  }

  private static List<String> command(Path ram, int size) {
    return List.of(
        PROGRAM,
        "-M",
        "virt,memory-backend=ram",
        "-object",
        "memory-backend-file,id=ram,share=on,size=" + size + ",mem-path=" + ram,
        // With one hart QEMU's atomics are a load, then a store, and fault as such.
        "-smp",
        "2",
        "-m",
        (size >> 20) + "M",
        "-cpu",
        CPU,
        "-bios",
        "none",
        "-display",
        "none",
        "-monitor",
        "none",
        "-serial",
        "none");
  }
}
