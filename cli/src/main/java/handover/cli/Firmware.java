package handover.cli;

import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The firmware a machine gets when {@code -bios} says nothing: a Linux kernel cannot start without
 * SBI, so it gets the fetched OpenSBI; anything else starts by itself.
 */
final class Firmware {
  private static final int HEADER = 64;
  private static final int MAGIC_AT = 56;
  // "RSC\5": Linux, Documentation/arch/riscv/boot-image-header.rst.
  private static final int MAGIC = 0x05435352;

  private Firmware() {}

  /**
   * Chooses.
   *
   * @param problems told if firmware is needed and there is none
   */
  static Optional<Path> forKernel(Path kernel, GuestCache cache, Consumer<String> problems) {
    if (!isLinux(kernel)) {
      return Optional.empty();
    }
    Optional<Path> fetched = fetched(cache);
    if (fetched.isEmpty()) {
      problems.accept(
          "-kernel %s is Linux and needs firmware: give -bios FILE, or run 'handover guest fetch'"
              .formatted(kernel));
    }
    return fetched;
  }

  private static Optional<Path> fetched(GuestCache cache) {
    try {
      return cache.present().map(LinuxGuest::firmware);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isLinux(Path kernel) {
    try (InputStream in = Files.newInputStream(kernel)) {
      ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER)).order(ByteOrder.LITTLE_ENDIAN);
      return header.remaining() == HEADER && header.getInt(MAGIC_AT) == MAGIC;
    } catch (IOException e) {
      // The machine itself says what is wrong with the file.
      return false;
    }
  }
}
