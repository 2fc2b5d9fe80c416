package handover.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * apt with state, cache and sources of its own: needs no root and leaves the host's package state
 * alone. Proxies and credentials of the host's configuration stay in force, and apt verifies what
 * it downloads against the signed index.
 */
final class PrivateApt {

  private static final Path DEFAULT_KEYRING =
      Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

  /** {@code dlstatus:items:percent:text}, as APT::Status-Fd writes it. */
  private static final Pattern STATUS = Pattern.compile("dlstatus:[^:]*:([0-9.]+):.*");

  private final Path folder;
  private final Path configuration;

  /** Lays out the private folders below {@code folder}. */
  PrivateApt(Path folder, ArchiveSource source, List<String> suites, String architecture)
      throws IOException {
    this.folder = folder;
    this.configuration = folder.resolve("apt.conf");
    for (String name :
        List.of("lists/partial", "cache/archives/partial", "sources", "none", "debs")) {
      Files.createDirectories(folder.resolve(name));
    }
    Files.writeString(folder.resolve("status"), "");
    Files.writeString(configuration, configuration(architecture));
    Files.writeString(
        folder.resolve("sources/handover.sources"), stanza(source, suites, architecture));
  }

  private String configuration(String architecture) {
    return """
        Dir::State "%1$s";
        Dir::State::lists "%1$s/lists";
        Dir::State::status "%1$s/status";
        Dir::Cache "%1$s/cache";
        Dir::Etc::sourcelist "/dev/null";
        Dir::Etc::sourceparts "%1$s/sources";
        Dir::Etc::preferences "/dev/null";
        Dir::Etc::preferencesparts "%1$s/none";
        APT::Default-Release "";
        #clear APT::Architectures;
        APT::Architecture "%2$s";
        APT::Architectures { "%2$s"; };
        APT::Sandbox::User "root";
        #clear APT::Update::Pre-Invoke;
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
        Acquire::Languages "none";
        Acquire::Retries "3";
        """
        .formatted(folder.toAbsolutePath(), architecture);
  }

  private static String stanza(ArchiveSource source, List<String> suites, String architecture) {
    String signedBy = source.signedBy();
    if (signedBy.isEmpty() && Files.isReadable(DEFAULT_KEYRING)) {
      signedBy = DEFAULT_KEYRING.toString();
    }
    return "Types: deb\nURIs: "
        + source.uri()
        + "\nSuites: "
        + String.join(" ", suites)
        + "\nComponents: main\nArchitectures: "
        + architecture
        + (signedBy.isEmpty() ? "" : "\nSigned-By: " + signedBy)
        + "\n";
  }

  void update() throws GuestFetchException {
    command(List.of("apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update"))
        .run(line -> {});
  }

  /** Names of packages that match a regular expression. */
  List<String> search(String pattern) throws GuestFetchException {
    return command(List.of("apt-cache", "search", "--names-only", pattern)).lines().stream()
        .map(line -> line.split(" ", 2)[0])
        .toList();
  }

  /** The index's record of the newest version of a package. */
  PackageRecord show(String name) throws GuestFetchException {
    List<String> lines = command(List.of("apt-cache", "show", "--no-all-versions", name)).lines();
    return PackageRecord.parse(name, lines);
  }

  /** Downloads packages; apt checks size and digest against the signed index. */
  Map<PackageRecord, Path> download(List<PackageRecord> packages, Consumer<Integer> percent)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("apt-get", "-q", "-o", "APT::Status-Fd=1", "download"));
    packages.forEach(p -> arguments.add(p.name() + "=" + p.version()));
    Path target = folder.resolve("debs");
    command(arguments).in(target).run(line -> report(line, percent));
    Map<PackageRecord, Path> files = new LinkedHashMap<>();
    for (PackageRecord p : packages) {
      files.put(p, find(target, p));
    }
    return files;
  }

  /**
   * Downloads a package and everything it needs, down to the C library.
   *
   * @param suite the one whose version is preferred
   * @return the package files
   */
  List<Path> downloadWhole(String name, String suite) throws IOException {
    command(
            List.of(
                "apt-get",
                "-q",
                "-y",
                "--download-only",
                "--no-install-recommends",
                "-t",
                suite,
                "install",
                name))
        .run(line -> {});
    try (Stream<Path> files = Files.list(folder.resolve("cache/archives"))) {
      return files.filter(file -> file.toString().endsWith(".deb")).toList();
    }
  }

  private static void report(String line, Consumer<Integer> percent) {
    Matcher m = STATUS.matcher(line);
    if (m.matches()) {
      percent.accept((int) Double.parseDouble(m.group(1)));
    }
  }

  private static Path find(Path folder, PackageRecord p) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> file.getFileName().toString().startsWith(p.name() + "_"))
          .findFirst()
          .orElseThrow(
              () ->
                  new GuestFetchException(
                      "apt-get said it downloaded " + p.name() + " but did not"));
    }
  }

  private HostCommand command(List<String> command) {
    return new HostCommand(command).with("APT_CONFIG", configuration.toAbsolutePath().toString());
  }
}
