package handover.guest;

import java.nio.file.Path;
import java.util.List;

/**
 * The files of a Linux guest that is ready to boot.
 *
 * @param kernel uncompressed kernel image, for {@code -kernel}
 * @param initrd initial RAM file system, for {@code -initrd}
 * @param firmware OpenSBI's fw_dynamic.bin, for {@code -bios}
 * @param release the kernel's release, such as {@code 6.12.94+deb13-riscv64}
 */
public record LinuxGuest(Path kernel, Path initrd, Path firmware, String release) {

  /** Kernel command line on which it boots quietly to its shell on the first UART. */
  public static final String COMMAND_LINE = "console=ttyS0 quiet";

  /** The console line that says that network, jobs and shell are up. */
  public static final String READY = "handover-guest: ready";

  /**
   * The options of {@code handover vm}, and of QEMU, that boot it.
   *
   * @param more what the kernel's command line says beyond {@link #COMMAND_LINE}; may be empty
   */
  public List<String> options(String more) {
    return List.of(
        "-bios",
        firmware.toString(),
        "-kernel",
        kernel.toString(),
        "-initrd",
        initrd.toString(),
        "-append",
        (COMMAND_LINE + " " + more).strip());
  }
}
