package handover.cli;

import handover.devices.FileFailure;
import handover.guest.GuestCache;
import handover.guest.InitrdWithFiles;
import handover.guest.LinuxGuest;
import handover.guest.PulseImage;
import handover.guest.QemuCache;
import handover.guest.QemuEdition;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code handover guest}: gets guests to run. */
@Command(
    name = "guest",
    description = "Gets guests to run: a Debian kernel with a small root file system, or pulse.",
    mixinStandardHelpOptions = true)
final class GuestCommand {

  private static final String NOT_FETCHED = "not fetched yet; run: handover guest fetch";

  @Spec private CommandSpec spec;

  @Command(
      description =
          "Fetches Debian 13's riscv64 kernel, OpenSBI and busybox through this host's package"
              + " sources (about 125 MB, 36 MB kept), without root, and builds an initramfs.",
      mixinStandardHelpOptions = true)
  int fetch(
      @Option(
              names = "--mirror",
              paramLabel = "URI",
              description = "Debian archive to use instead of the host's own.")
          Optional<String> mirror,
      @Option(names = "--again", description = "Fetches even if the guest is here already.")
          boolean again) {
    try {
      print(GuestCache.standard().fetch(mirror, again, this::line));
      return 0;
    } catch (IOException e) {
      return failed(e);
    }
  }

  @Command(
      description = "Prints the fetched guest's files as options for 'handover vm' and QEMU.",
      mixinStandardHelpOptions = true)
  int path() {
    try {
      Optional<LinuxGuest> guest = GuestCache.standard().present();
      guest.ifPresentOrElse(this::print, () -> error(NOT_FETCHED));
      return guest.isPresent() ? 0 : 1;
    } catch (IOException e) {
      return failed(e);
    }
  }

  @Command(
      description =
          "Writes the fetched guest's initramfs to a file, with files of yours in it: programs for"
              + " riscv64, linked statically, or scripts. 'handover.run=/PLACE' on the kernel's"
              + " command line starts one of them.",
      mixinStandardHelpOptions = true)
  int initrd(
      @Parameters(paramLabel = "OUT", description = "The initramfs to write.") Path target,
      @Parameters(
              index = "1..*",
              paramLabel = "PLACE=FILE",
              description = "PLACE in the guest, such as bin/tool; its FILE here.")
          Map<String, Path> files) {
    try {
      Optional<LinuxGuest> guest = GuestCache.standard().present();
      if (guest.isEmpty()) {
        error(NOT_FETCHED);
        return 1;
      }
      InitrdWithFiles.write(guest.get().initrd(), files == null ? Map.of() : files, target);
      return 0;
    } catch (IOException e) {
      return failed(e);
    }
  }

  @Command(
      description =
          "Prints the path of a QEMU of another release than the host's, to be used as"
              + " qemu-system-riscv64. Fetches it through this host's package sources (about 40 MB,"
              + " 150 MB kept), without root and without installing it.",
      mixinStandardHelpOptions = true)
  int qemu(
      @Parameters(paramLabel = "VERSION", description = "10.0 or 11.1.") String version,
      @Option(
              names = "--mirror",
              paramLabel = "URI",
              description = "Debian archive to use instead of the host's own.")
          Optional<String> mirror) {
    Optional<QemuEdition> edition = QemuEdition.named(version);
    if (edition.isEmpty()) {
      error("there is no QEMU %s to fetch; try 10.0 or 11.1".formatted(version));
      return 2;
    }
    try {
      line(QemuCache.standard().fetch(edition.get(), mirror, this::error) + "");
      return 0;
    } catch (IOException e) {
      return failed(e);
    }
  }

  @Command(
      description = "Writes the embedded bare-metal guest to a file, for -bios none -kernel FILE.",
      mixinStandardHelpOptions = true)
  int pulse(@Parameters(paramLabel = "FILE", description = "The image to write.") Path file) {
    try {
      Files.write(file, PulseImage.bytes());
      return 0;
    } catch (IOException e) {
      return failed(e);
    }
  }

  private void print(LinuxGuest guest) {
    line("-bios " + guest.firmware());
    line("-kernel " + guest.kernel());
    line("-initrd " + guest.initrd());
    line("-append \"" + LinuxGuest.COMMAND_LINE + "\"");
  }

  private int failed(IOException e) {
    error(FileFailure.named(e));
    return 1;
  }

  private void line(String text) {
    print(spec.commandLine().getOut(), text);
  }

  private void error(String text) {
    print(spec.commandLine().getErr(), "handover guest: " + text);
  }

  private static void print(PrintWriter out, String text) {
    out.println(text);
    out.flush();
  }
}
