package handover.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a rehearsal keeps its socket and its blank disks. A process that is killed meanwhile leaves
 * its folder behind: whoever rehearses next takes that along.
 */
final class RehearsalFolder implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RehearsalFolder.class.getName());
  private static final String PREFIX = "handover-rehearsal-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]{1,9})-[0-9]+");

  /** Longer than any rehearsal: a process in another container seems to be dead as well. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private final Path path;

  private RehearsalFolder(Path path) {
    this.path = path;
  }

  /** A new folder among the host's temporary ones. */
  static RehearsalFolder make() throws IOException {
    return new RehearsalFolder(
        Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-"));
  }

  Path path() {
    return path;
  }

  /** Deletes it, and what dead processes left beside it. */
  @Override
  public void close() throws IOException {
    delete(path);
    try (DirectoryStream<Path> others =
        Files.newDirectoryStream(path.getParent(), RehearsalFolder::abandoned)) {
      for (Path other : others) {
        delete(other);
      }
    } catch (IOException | UncheckedIOException | DirectoryIteratorException e) {
      LOG.log(System.Logger.Level.DEBUG, "an old rehearsal's folder stays", e);
    }
  }

  private static boolean abandoned(Path folder) throws IOException {
    Matcher name = NAME.matcher(folder.getFileName().toString());
    return name.matches()
        && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
        && Files.getLastModifiedTime(folder).toInstant().isBefore(Instant.now().minus(ABANDONED));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
