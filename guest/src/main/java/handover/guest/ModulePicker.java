package handover.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Picks kernel modules and all they depend on out of an unpacked kernel package. */
final class ModulePicker {

  /** Drivers of the machine's devices, and the file system its disks are likely to hold. */
  static final List<String> WANTED =
      List.of("virtio_mmio", "virtio_net", "virtio_blk", "virtio_rng", "qemu_fw_cfg", "ext4");

  private final Map<String, Path> files = new HashMap<>();
  private final Map<String, KernelModule> picked = new LinkedHashMap<>();

  /** Finds the modules below a folder. */
  ModulePicker(Path folder) throws IOException {
    try (Stream<Path> entries = Files.walk(folder)) {
      entries
          .filter(file -> file.toString().matches(".*\\.ko(\\.xz)?"))
          .forEach(file -> files.put(nameOf(file), file));
    }
  }

  /**
   * The named modules, each after those it depends on. Names that are not there are built in, and
   * skipped.
   */
  Collection<KernelModule> pick(List<String> names) throws IOException {
    for (String name : names) {
      add(name);
    }
    return picked.values();
  }

  private void add(String name) throws IOException {
    Path file = files.remove(name);
    if (file == null) {
      return;
    }
    KernelModule module =
        KernelModule.parse(file.toString(), Files.readAllBytes(uncompressed(file)));
    for (String needed : module.depends()) {
      add(needed);
    }
    picked.put(name, module);
  }

  /** busybox loads plain modules only, and Debian's are compressed. */
  private static Path uncompressed(Path file) throws GuestFetchException {
    String text = file.toString();
    if (!text.endsWith(".xz")) {
      return file;
    }
    new HostCommand(List.of("xz", "--decompress", "--force", text)).lines();
    return Path.of(text.substring(0, text.length() - ".xz".length()));
  }

  private static String nameOf(Path file) {
    return KernelModule.normalize(KernelModule.stem(file.toString()));
  }
}
