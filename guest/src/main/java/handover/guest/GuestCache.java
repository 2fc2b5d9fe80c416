package handover.guest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The folder that keeps fetched guests between runs. Several processes may use it at once: a fetch
 * holds a file lock, and files appear whole or not at all.
 */
public final class GuestCache {

  private static final String GUEST = "debian-13";

  private final Path folder;

  private GuestCache(Path folder) {
    this.folder = folder;
  }

  /** {@code $XDG_CACHE_HOME/handover/guest}, or {@code ~/.cache/handover/guest}. */
  public static GuestCache standard() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && !xdg.isBlank()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache");
    return new GuestCache(base.resolve("handover").resolve("guest"));
  }

  /** A cache in a folder of the caller's choice, which need not exist yet. */
  public static GuestCache at(Path folder) {
    return new GuestCache(folder);
  }

  /** Where the guest's files are kept. */
  public Path folder() {
    return folder.resolve(GUEST);
  }

  /**
   * The guest, if it was fetched before; never uses the network. File sizes are checked, digests
   * only by {@link #fetch}.
   *
   * @throws IOException if the files cannot be read, or the RAM file system not be written
   */
  public Optional<LinuxGuest> present() throws IOException {
    return Manifest.defect(folder(), false).isEmpty() ? Optional.of(build()) : Optional.empty();
  }

  /** The guest, fetched from the package sources of this host if it is not here in full already. */
  public LinuxGuest fetch(Consumer<String> progress) throws IOException {
    return fetch(Optional.empty(), false, progress);
  }

  /**
   * The guest, fetched if it is not here in full already.
   *
   * @param mirror Debian archive to use instead of those the host's package sources name
   * @param again whether to fetch even if it is here
   * @param progress receives one line of text at a time
   * @throws GuestFetchException with the reason and the remedy
   */
  public LinuxGuest fetch(Optional<String> mirror, boolean again, Consumer<String> progress)
      throws IOException {
    Files.createDirectories(folder);
    try (FileChannel channel = lockFile();
        FileLock lock = channel.lock()) {
      Optional<String> defect = Manifest.defect(folder(), true);
      if (again || defect.isPresent() || !lock.isValid()) {
        new GuestFetch(Path.of("/etc/apt"), mirror, progress).into(folder());
      }
      return build();
    }
  }

  /**
   * The guest with more programs and kernel modules in its RAM file system; both are fetched once.
   * Modules are listed in {@code /lib/modules/extra/order}, to be loaded with {@code insmod}.
   *
   * @param packages Debian packages by name, with all they depend on
   * @param modules kernel modules by name
   * @param scripts where in the guest, such as {@code bin/work}, and what it executes there
   * @throws GuestFetchException with the reason and the remedy
   */
  public LinuxGuest extended(
      List<String> packages,
      List<String> modules,
      Map<String, String> scripts,
      Consumer<String> progress)
      throws IOException {
    LinuxGuest guest = fetch(progress);
    Path extras = extras(guest, packages, modules, progress);
    String name = guest.initrd().getFileName().toString();
    String suffix = "-%08x-%s".formatted(scripts.hashCode(), extras.getFileName());
    Path initrd = folder().resolve(name.replace(".cpio", suffix));
    Path draft = Files.createTempFile(folder(), "initramfs-", ".draft");
    try (OutputStream out = Files.newOutputStream(draft)) {
      Files.copy(guest.initrd(), out);
      Files.copy(extras, out);
      GuestExtras.scripts(scripts, out);
    }
    Files.move(draft, initrd, StandardCopyOption.ATOMIC_MOVE);
    return new LinuxGuest(guest.kernel(), initrd, guest.firmware(), guest.release());
  }

  private Path extras(
      LinuxGuest guest, List<String> packages, List<String> modules, Consumer<String> progress)
      throws IOException {
    String wanted = "%s %s %s".formatted(guest.release(), packages, modules);
    Path target = folder().resolve("extras-%08x.cpio".formatted(wanted.hashCode()));
    try (FileChannel channel = lockFile();
        FileLock lock = channel.lock()) {
      if (lock.isValid() && !Files.exists(target)) {
        try (ScratchFolder scratch = new ScratchFolder(folder)) {
          Path draft = scratch.path().resolve("draft");
          PrivateApt apt =
              new GuestFetch(Path.of("/etc/apt"), Optional.empty(), progress)
                  .openArchive(scratch.path().resolve("apt"));
          new GuestExtras(apt, scratch.path(), progress)
              .write(packages, modules, guest.release(), draft);
          Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
    return target;
  }

  private FileChannel lockFile() throws IOException {
    return FileChannel.open(
        folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private LinuxGuest build() throws IOException {
    Path guest = folder();
    String release = Files.readString(guest.resolve(GuestFetch.RELEASE)).strip();
    Path initrd = guest.resolve("initramfs-" + inputs().substring(0, 16) + ".cpio");
    if (!Files.exists(initrd)) {
      writeInitrd(initrd, release);
    }
    return new LinuxGuest(
        guest.resolve(GuestFetch.IMAGE), initrd, guest.resolve(GuestFetch.FIRMWARE), release);
  }

  private void writeInitrd(Path initrd, String release) throws IOException {
    List<KernelModule> modules = new ArrayList<>();
    for (String line : Files.readAllLines(folder().resolve(GuestFetch.MODULE_LIST))) {
      String file = GuestFetch.MODULES + line.substring(0, line.indexOf('\t'));
      modules.add(KernelModule.fromLine(line, Files.readAllBytes(folder().resolve(file))));
    }
    byte[] busybox = Files.readAllBytes(folder().resolve(GuestFetch.BUSYBOX));
    Path draft = Files.createTempFile(folder(), "initramfs-", ".draft");
    try (OutputStream out = Files.newOutputStream(draft)) {
      new InitramfsBuilder(release, busybox, AgentImage.IMAGE.bytes(), modules).write(out);
    }
    Files.move(draft, initrd, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Changes with everything the RAM file system is made of, so that an older one is not taken for
   * it.
   */
  private String inputs() throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(HexFormat.of().parseHex(Manifest.identity(folder())));
      sha.update(InitramfsBuilder.init());
      sha.update(AgentImage.IMAGE.bytes());
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
