package handover.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Unpacks a QEMU with everything down to the C library into a folder, with a launcher that starts
 * it through that folder's own dynamic loader: the host's may be too old for it.
 */
final class QemuFetch {
  static final String PROGRAM = "qemu-system-riscv64";

  private static final String PACKAGE = "qemu-system-riscv";

  private final QemuEdition edition;
  private final HostArchive archive;
  private final Consumer<String> progress;

  QemuFetch(QemuEdition edition, Path etcApt, Optional<String> mirror, Consumer<String> progress) {
    this.edition = edition;
    this.archive = new HostArchive(etcApt, mirror, progress);
    this.progress = progress;
  }

  /** Fetches into {@code target}, which appears whole or not at all. */
  void into(Path target) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    try (ScratchFolder scratch = new ScratchFolder(parent)) {
      Path root = Files.createDirectory(scratch.path().resolve("root"));
      unpack(scratch.path().resolve("apt"), root);
      writeLauncher(root);
      requireVersion(root.resolve(PROGRAM));
      ScratchFolder.delete(target);
      Files.move(root, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void unpack(Path folder, Path root) throws IOException {
    PrivateApt apt = archive.open(folder, edition.suites(), architecture());
    progress.accept("downloading " + PACKAGE + " and what it needs");
    for (Path file : apt.downloadWhole(PACKAGE, edition.suites().getLast())) {
      new HostCommand(List.of("dpkg-deb", "-x", file.toString(), root.toString())).lines();
      Files.delete(file);
    }
  }

  private static String architecture() throws GuestFetchException {
    return new HostCommand(List.of("dpkg", "--print-architecture")).lines().getFirst();
  }

  private static void writeLauncher(Path root) throws IOException {
    Path loader = root.relativize(find(root, "ld-linux-"));
    Path libraries = root.relativize(find(root, "libc.so.6").getParent());
    String script =
        """
        #!/bin/sh
        root=$(dirname "$(readlink -f "$0")")
        exec "$root/%s" --library-path "$root/%s" "$root/usr/bin/%s" -L "$root/usr/share/qemu" "$@"
        """
            .formatted(loader, libraries, PROGRAM);
    Path launcher = Files.writeString(root.resolve(PROGRAM), script);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Path find(Path root, String name) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(name))
          .filter(file -> !Files.isDirectory(file))
          .findFirst()
          .orElseThrow(
              () -> new GuestFetchException("the packages hold no " + name + "; laid out anew?"));
    }
  }

  /** A suite that has moved on has another QEMU. */
  private void requireVersion(Path launcher) throws GuestFetchException {
    String line = new HostCommand(List.of(launcher.toString(), "--version")).lines().getFirst();
    if (!line.startsWith("QEMU emulator version " + edition.version() + ".")) {
      throw new GuestFetchException(
          "suite %s has '%s' by now, not QEMU %s"
              .formatted(edition.suites().getLast(), line, edition.version()));
    }
  }
}
