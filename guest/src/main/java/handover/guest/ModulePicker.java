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

  /** Loaded by init, so stored uncompressed: that saves a simulated CPU half a second. */
  static final List<String> AT_BOOT =
      List.of("virtio_mmio", "virtio_net", "virtio_blk", "virtio_rng");

  /**
   * Large and seldom wanted, so stored as Debian compressed them; the kernel itself unpacks them.
   */
  static final List<String> ON_DEMAND = List.of("qemu_fw_cfg", "crc32c_generic", "ext4");

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
   * The wanted modules, each after those it depends on. Names that are not there are built in, and
   * skipped.
   */
  Collection<KernelModule> pick(List<String> atBoot, List<String> onDemand) throws IOException {
    for (String name : atBoot) {
      add(name, true);
    }
    for (String name : onDemand) {
      add(name, false);
    }
    return picked.values();
  }

  private void add(String name, boolean uncompressed) throws IOException {
    Path file = files.remove(name);
    if (file == null) {
      return;
    }
    byte[] packed = Files.readAllBytes(file);
    Path plainFile = uncompressed(file);
    byte[] plain = Files.readAllBytes(plainFile);
    KernelModule module =
        uncompressed
            ? KernelModule.describe(plainFile.getFileName().toString(), plain, plain)
            : KernelModule.describe(file.getFileName().toString(), plain, packed);
    for (String needed : module.depends()) {
      add(needed, uncompressed);
    }
    picked.put(name, module);
  }

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
