package handover.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The first of the Debian archives that the host's package sources name, or of the one asked for,
 * that has a suite.
 *
 * @param etcApt folder of the host's package sources, normally {@code /etc/apt}
 * @param mirror archive to use instead of the host's own, if given
 * @param progress receives one line at a time
 */
record HostArchive(Path etcApt, Optional<String> mirror, Consumer<String> progress) {
  private static final String MISSING_KEY = "NO_PUBKEY";

  /** Reads the suites' indexes, with private folders below {@code folder}. */
  PrivateApt open(Path folder, List<String> suites, String architecture) throws IOException {
    List<ArchiveSource> sources =
        mirror.isPresent()
            ? List.of(new ArchiveSource(mirror.get(), ""))
            : HostSources.debian(etcApt);
    List<String> failures = new ArrayList<>();
    for (ArchiveSource source : sources) {
      PrivateApt apt =
          new PrivateApt(folder.resolve("" + failures.size()), source, suites, architecture);
      progress.accept(
          "reading the index of " + String.join(" and ", suites) + " for " + architecture);
      try {
        apt.update();
        return apt;
      } catch (GuestFetchException e) {
        failures.add(e.getMessage());
      }
    }
    throw new GuestFetchException(whyNot(failures, suites));
  }

  private String whyNot(List<String> failures, List<String> suites) {
    if (failures.isEmpty()) {
      return "no Debian archive is named in "
          + etcApt
          + "/sources.list or sources.list.d. Name one with --mirror URI, or pass your own -kernel,"
          + " -initrd and -bios files";
    }
    String all = String.join("\n", failures);
    return all.contains(MISSING_KEY)
        ? all
            + "\nThe host's archive keyring is too old for "
            + String.join(" and ", suites)
            + ": update debian-archive-keyring"
        : all;
  }
}
