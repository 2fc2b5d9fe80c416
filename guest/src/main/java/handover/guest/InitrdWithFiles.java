package handover.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An initial RAM file system with further files in it. The kernel unpacks archives that follow one
 * another into the same tree, later files over earlier ones, so nothing is unpacked here.
 */
public final class InitrdWithFiles {

  private InitrdWithFiles() {}

  /**
   * Writes {@code initrd} and, behind it, {@code files}.
   *
   * @param files where each is in the guest, without a leading slash, and what it holds; a file
   *     that the host may execute can be executed there
   * @throws GuestFetchException if a place is outside the guest's tree, or a file is not there
   */
  public static void write(Path initrd, Map<String, Path> files, Path target) throws IOException {
    for (Map.Entry<String, Path> file : files.entrySet()) {
      requireInside(file.getKey());
      requirePresent(file.getValue());
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target));
        CpioWriter cpio = new CpioWriter(out)) {
      Files.copy(initrd, out);
      for (String folder : folders(files)) {
        cpio.folder(folder);
      }
      for (Map.Entry<String, Path> file : files.entrySet()) {
        int permissions = Files.isExecutable(file.getValue()) ? 0755 : 0644;
        cpio.file(file.getKey(), permissions, Files.readAllBytes(file.getValue()));
      }
    }
  }

  private static void requireInside(String place) throws GuestFetchException {
    Path path = Path.of("/", place);
    if (!path.normalize().toString().equals("/" + place) || place.isEmpty()) {
      throw new GuestFetchException(
          "'"
              + place
              + "' is no place in the guest; write it like bin/tool, from the guest's root");
    }
  }

  private static void requirePresent(Path file) throws GuestFetchException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new GuestFetchException(file + " is not a file that can be read");
    }
  }

  /** Every folder on the way to a file, outer ones first. */
  private static SortedSet<String> folders(Map<String, Path> files) {
    SortedSet<String> folders = new TreeSet<>();
    for (String place : files.keySet()) {
      for (Path up = Path.of(place).getParent(); up != null; up = up.getParent()) {
        folders.add(up.toString());
      }
    }
    return folders;
  }
}
