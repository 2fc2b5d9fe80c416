package handover.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Programs and kernel modules beyond those that every guest has, as a cpio archive to be put behind
 * its first one: the kernel unpacks both into the same tree.
 */
final class GuestExtras {
  /** Modules are here, each after those it needs, and are loaded with {@code insmod}. */
  static final String MODULES = "lib/modules/extra";

  /** Debian's folders that hold what runs, and what that needs; {@code usr} is not in the guest. */
  private static final String WANTED =
      "usr/(sbin|bin)/[^/]+|usr/lib/([^/]+/)?[^/]+\\.so(\\.[^/]+)?";

  private final PrivateApt apt;
  private final Path scratch;
  private final Consumer<String> progress;

  GuestExtras(PrivateApt apt, Path scratch, Consumer<String> progress) {
    this.apt = apt;
    this.scratch = scratch;
    this.progress = progress;
  }

  /**
   * Fetches and packs.
   *
   * @param packages by name, with all they depend on
   * @param modules by name; what they depend on is added
   * @param release the guest's kernel, whose package the modules are in
   */
  void write(List<String> packages, List<String> modules, String release, Path target)
      throws IOException {
    List<String> names = new ArrayList<>(packages);
    if (!modules.isEmpty()) {
      names.add("linux-image-" + release);
    }
    List<PackageRecord> records = new ArrayList<>();
    for (String name : names) {
      records.add(apt.show(name));
    }
    records.forEach(p -> progress.accept("  " + p.name() + " " + p.version()));
    Path unpacked = Files.createDirectories(scratch.resolve("extras"));
    for (Path file : apt.download(records, percent -> {}).values()) {
      new HostCommand(List.of("dpkg-deb", "-x", file.toString(), unpacked.toString())).lines();
      Files.delete(file);
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target));
        CpioWriter cpio = new CpioWriter(out)) {
      programs(unpacked, cpio);
      modules(unpacked, modules, cpio);
    }
  }

  /** A further archive with programs to be executed; the stream stays open. */
  static void scripts(Map<String, String> scripts, OutputStream out) throws IOException {
    try (CpioWriter cpio = new CpioWriter(out)) {
      for (Map.Entry<String, String> script : scripts.entrySet()) {
        cpio.file(script.getKey(), 0755, script.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static void programs(Path unpacked, CpioWriter cpio) throws IOException {
    List<Path> wanted;
    try (Stream<Path> files = Files.walk(unpacked)) {
      wanted =
          files
              .filter(f -> unpacked.relativize(f).toString().matches(WANTED))
              .filter(f -> !Files.isDirectory(f) || Files.isSymbolicLink(f))
              .sorted()
              .toList();
    }
    TreeSet<String> folders = new TreeSet<>();
    wanted.forEach(f -> folders.add(place(unpacked, f.getParent())));
    for (String folder : folders) {
      cpio.folder(folder);
    }
    for (Path file : wanted) {
      if (Files.isSymbolicLink(file)) {
        cpio.link(place(unpacked, file), Files.readSymbolicLink(file).toString());
      } else {
        cpio.file(place(unpacked, file), 0755, Files.readAllBytes(file));
      }
    }
  }

  /** Where the guest has it: there, {@code /lib} is no link into {@code /usr}. */
  private static String place(Path unpacked, Path file) {
    return unpacked.resolve("usr").relativize(file).toString();
  }

  private static void modules(Path unpacked, List<String> names, CpioWriter cpio)
      throws IOException {
    if (names.isEmpty()) {
      return;
    }
    Collection<KernelModule> picked =
        new ModulePicker(unpacked.resolve("usr/lib/modules")).pick(names, List.of());
    cpio.folder(MODULES);
    StringBuilder order = new StringBuilder();
    for (KernelModule module : picked) {
      cpio.file(MODULES + "/" + module.file(), 0644, module.bytes());
      order.append('/').append(MODULES).append('/').append(module.file()).append('\n');
    }
    cpio.file(MODULES + "/order", 0644, order.toString().getBytes(StandardCharsets.UTF_8));
  }
}
