package handover.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a cached guest consists of: comment lines that name the packages, then one line per file of
 * SHA-256, size in bytes and name.
 */
final class Manifest {

  static final String NAME = "manifest";

  private record Entry(String sha256, long size, Path file) {}

  private Manifest() {}

  /** Records every given file, with its digest. */
  static void write(Path folder, List<String> comments, List<String> files) throws IOException {
    List<String> lines = new ArrayList<>();
    comments.forEach(c -> lines.add("# " + c));
    for (String file : files) {
      Path path = folder.resolve(file);
      lines.add(digest(path) + " " + Files.size(path) + " " + file);
    }
    Files.write(folder.resolve(NAME), lines);
  }

  /**
   * Why the folder is not a whole guest, or empty if it is.
   *
   * @param deep whether digests are compared too, not only sizes
   */
  static Optional<String> defect(Path folder, boolean deep) throws IOException {
    Optional<List<Entry>> entries = read(folder);
    if (entries.isEmpty()) {
      return Optional.of("there is no usable manifest in " + folder);
    }
    for (Entry entry : entries.get()) {
      Path file = entry.file();
      if (!Files.isRegularFile(file) || Files.size(file) != entry.size()) {
        return Optional.of(file + " is missing or not " + entry.size() + " bytes long");
      }
      if (deep && !digest(file).equals(entry.sha256())) {
        return Optional.of(file + " does not have the digest recorded for it");
      }
    }
    return Optional.empty();
  }

  /** Digest of the manifest itself: changes with any of its files. */
  static String identity(Path folder) throws IOException {
    return digest(folder.resolve(NAME));
  }

  private static Optional<List<Entry>> read(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(folder.resolve(NAME))) {
        if (!line.startsWith("#")) {
          String[] words = line.split(" ", 3);
          entries.add(new Entry(words[0], Long.parseLong(words[1]), folder.resolve(words[2])));
        }
      }
    } catch (NoSuchFileException
        | CharacterCodingException
        | ArrayIndexOutOfBoundsException
        | NumberFormatException
        | InvalidPathException e) {
      return Optional.empty();
    }
    return entries.isEmpty() ? Optional.empty() : Optional.of(entries);
  }

  private static String digest(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
