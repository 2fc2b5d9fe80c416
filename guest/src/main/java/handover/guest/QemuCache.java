package handover.guest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * QEMUs that this host's own packages do not have, each in a folder with every library it needs, so
 * that nothing is installed. Several processes may use the cache at once.
 */
public final class QemuCache {
  private final Path folder;

  private QemuCache(Path folder) {
    this.folder = folder;
  }

  /** Beside the fetched guests, in {@code ~/.cache/handover/guest}. */
  public static QemuCache standard() {
    return new QemuCache(GuestCache.standard().folder().resolveSibling("qemu"));
  }

  /** The launcher of an edition that was fetched before, to be used as qemu-system-riscv64. */
  public Optional<Path> present(QemuEdition edition) {
    Path launcher = launcher(edition);
    return Files.isExecutable(launcher) ? Optional.of(launcher) : Optional.empty();
  }

  /**
   * The launcher of an edition, fetched through this host's package sources if it is not here.
   *
   * @param mirror Debian archive to use instead of those the host's package sources name
   * @param progress receives one line of text at a time
   * @throws GuestFetchException with the reason and the remedy
   */
  public Path fetch(QemuEdition edition, Optional<String> mirror, Consumer<String> progress)
      throws IOException {
    Files.createDirectories(folder);
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (present(edition).isEmpty() || !lock.isValid()) {
        new QemuFetch(edition, Path.of("/etc/apt"), mirror, progress)
            .into(folder.resolve(edition.version()));
      }
      return launcher(edition);
    }
  }

  private Path launcher(QemuEdition edition) {
    return folder.resolve(edition.version()).resolve(QemuFetch.PROGRAM);
  }
}
