package handover.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Gets Debian 13's riscv64 kernel, OpenSBI and busybox through the package sources of this host.
 */
final class GuestFetch {

  static final String IMAGE = "Image";
  static final String FIRMWARE = "fw_dynamic.bin";
  static final String BUSYBOX = "busybox";
  static final String RELEASE = "release";
  static final String MODULES = "modules/";
  static final String MODULE_LIST = "modules.list";

  private static final String SUITE = "trixie";
  private static final String ARCHITECTURE = "riscv64";
  private static final String KERNELS = "^linux-image-6\\.12\\.[0-9].*-riscv64(-unsigned)?$";

  private final Path etcApt;
  private final Optional<String> mirror;
  private final Consumer<String> progress;

  /**
   * @param etcApt folder of the host's package sources, normally {@code /etc/apt}
   * @param mirror archive to use instead of the host's own, if given
   * @param progress receives one line at a time
   */
  GuestFetch(Path etcApt, Optional<String> mirror, Consumer<String> progress) {
    this.etcApt = etcApt;
    this.mirror = mirror;
    this.progress = progress;
  }

  /** Fetches into {@code target}, which appears whole or not at all. */
  void into(Path target) throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    try (ScratchFolder scratch = new ScratchFolder(parent)) {
      Path guest = Files.createDirectory(scratch.path().resolve("guest"));
      fetch(scratch.path(), guest);
      ScratchFolder.delete(target);
      Files.move(guest, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void fetch(Path scratch, Path guest) throws IOException {
    PrivateApt apt = openArchive(scratch.resolve("apt"));
    List<PackageRecord> packages = new ArrayList<>();
    for (String name : List.of(newestKernel(apt), "opensbi", "busybox-static")) {
      packages.add(apt.show(name));
    }
    packages.forEach(
        p -> progress.accept("  " + p.name() + " " + p.version() + ", " + size(p.size())));
    Map<PackageRecord, Path> files = apt.download(packages, new Steps());
    Path unpacked = Files.createDirectory(scratch.resolve("unpacked"));
    progress.accept("unpacking");
    for (Path file : files.values()) {
      new HostCommand(List.of("dpkg-deb", "-x", file.toString(), unpacked.toString())).lines();
      Files.delete(file);
    }
    keep(unpacked, guest, packages);
  }

  /** The guest's suite, with private folders below {@code folder}. */
  PrivateApt openArchive(Path folder) throws IOException {
    return new HostArchive(etcApt, mirror, progress).open(folder, List.of(SUITE), ARCHITECTURE);
  }

  private static String newestKernel(PrivateApt apt) throws GuestFetchException {
    return apt.search(KERNELS).stream()
        .max(
            Comparator.comparing((String name) -> !name.endsWith("-unsigned"))
                .thenComparing(GuestFetch::numbers))
        .orElseThrow(
            () ->
                new GuestFetchException(
                    "the archive has no package that matches "
                        + KERNELS
                        + ": is it a full mirror, with architecture "
                        + ARCHITECTURE
                        + "?"));
  }

  /** The numbers in a name, padded so that they compare as text. */
  static String numbers(String name) {
    return Stream.of(name.split("[^0-9]+"))
        .filter(n -> !n.isEmpty())
        .map("%12s"::formatted)
        .reduce("", String::concat);
  }

  // ---- what is kept ----

  private void keep(Path unpacked, Path guest, List<PackageRecord> packages) throws IOException {
    Path image = find(unpacked.resolve("boot"), "vmlinu[xz]-.*");
    String release = image.getFileName().toString().replaceFirst("vmlinu[xz]-", "");
    Files.move(image, guest.resolve(IMAGE));
    Files.move(
        find(unpacked.resolve("usr/lib"), "fw_dynamic\\.bin", "generic"), guest.resolve(FIRMWARE));
    Files.move(find(unpacked, "busybox", "bin"), guest.resolve(BUSYBOX));
    Files.writeString(guest.resolve(RELEASE), release + "\n");
    List<String> files = new ArrayList<>(List.of(IMAGE, FIRMWARE, BUSYBOX, RELEASE, MODULE_LIST));
    List<String> descriptions = new ArrayList<>();
    Files.createDirectory(guest.resolve(MODULES));
    for (KernelModule module : modules(unpacked)) {
      Files.write(guest.resolve(MODULES + module.file()), module.bytes());
      files.add(MODULES + module.file());
      descriptions.add(module.toLine());
    }
    Files.write(guest.resolve(MODULE_LIST), descriptions);
    Manifest.write(guest, packages.stream().map(GuestFetch::describe).toList(), files);
  }

  private static Collection<KernelModule> modules(Path unpacked) throws IOException {
    return new ModulePicker(unpacked.resolve("usr/lib/modules"))
        .pick(ModulePicker.AT_BOOT, ModulePicker.ON_DEMAND);
  }

  private static Path find(Path folder, String name) throws IOException {
    return find(folder, name, "");
  }

  /** The regular file of that name in a folder whose own name is given, or any if empty. */
  private static Path find(Path folder, String name, String parent) throws IOException {
    try (Stream<Path> entries = Files.walk(folder)) {
      return entries
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().matches(name))
          .filter(file -> parent.isEmpty() || file.getParent().endsWith(parent))
          .findFirst()
          .orElseThrow(
              () ->
                  new GuestFetchException(
                      "the packages hold no file " + name + "; were they laid out anew?"));
    }
  }

  private static String describe(PackageRecord p) {
    return p.name() + " " + p.version() + " " + p.sha256();
  }

  private static String size(long bytes) {
    return "%.1f MB".formatted(bytes / 1e6);
  }

  /** Turns a stream of percentages into a few lines. */
  private final class Steps implements Consumer<Integer> {
    private int next = 20;

    @Override
    public void accept(Integer percent) {
      if (percent >= next) {
        progress.accept("  " + percent + "%");
        next = percent - percent % 20 + 20;
      }
    }
  }
}
