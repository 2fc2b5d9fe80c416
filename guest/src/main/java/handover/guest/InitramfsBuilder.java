package handover.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the Linux guest's first and only file system: busybox, the agent, kernel modules and an
 * init script, as a cpio archive. The whole is not compressed: it never travels, and a simulated
 * CPU would spend longer on unpacking it than the host on reading it. Equal inputs give equal
 * bytes.
 */
final class InitramfsBuilder {

  private static final List<String> FOLDERS =
      List.of(
          "bin",
          "dev",
          "etc",
          "lib",
          "lib/modules",
          "mnt",
          "proc",
          "root",
          "run",
          "sbin",
          "sys",
          "tmp");

  /** What must exist before init has run {@code busybox --install}. */
  private static final List<String> FIRST_LINKS = List.of("bin/sh", "bin/mount", "sbin/modprobe");

  private final String release;
  private final byte[] busybox;
  private final byte[] agent;
  private final List<KernelModule> modules;

  /**
   * @param release the kernel's release, which names the modules' folder
   * @param modules each after the modules it depends on
   */
  InitramfsBuilder(String release, byte[] busybox, byte[] agent, List<KernelModule> modules) {
    this.release = release;
    this.busybox = busybox;
    this.agent = agent;
    this.modules = List.copyOf(modules);
  }

  /** The script that runs as process 1. */
  static byte[] init() {
    try (InputStream in = InitramfsBuilder.class.getResourceAsStream("init.sh")) {
      if (in == null) {
        throw new IllegalStateException("init.sh is not packaged with module handover.guest");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the archive; the stream stays open. */
  void write(OutputStream out) throws IOException {
    BufferedOutputStream buffered = new BufferedOutputStream(out, 1 << 16);
    try (CpioWriter cpio = new CpioWriter(buffered)) {
      tree(cpio);
    }
    buffered.flush();
  }

  private void tree(CpioWriter cpio) throws IOException {
    for (String folder : FOLDERS) {
      cpio.folder(folder);
    }
    cpio.characterDevice("dev/console", 0600, 5, 1);
    cpio.characterDevice("dev/null", 0666, 1, 3);
    cpio.file("init", 0755, init());
    cpio.file("bin/busybox", 0755, busybox);
    for (String link : FIRST_LINKS) {
      cpio.link(link, "/bin/busybox");
    }
    cpio.file("bin/agent", 0755, agent);
    modules(cpio);
  }

  private void modules(CpioWriter cpio) throws IOException {
    String folder = "lib/modules/" + release;
    cpio.folder(folder);
    for (KernelModule module : modules) {
      cpio.file(folder + "/" + module.file(), 0644, module.bytes());
    }
    cpio.file(folder + "/modules.dep", 0644, dependencies());
    cpio.file(folder + "/modules.alias", 0644, aliases());
  }

  /** In modules.dep the whole closure is listed, the module needed first last. */
  private byte[] dependencies() {
    StringBuilder text = new StringBuilder();
    for (KernelModule module : modules) {
      List<KernelModule> closure = new ArrayList<>();
      closure(module, closure);
      text.append(module.file()).append(':');
      closure.forEach(needed -> text.append(' ').append(needed.file()));
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void closure(KernelModule module, List<KernelModule> closure) {
    for (KernelModule needed : modules) {
      if (module.depends().contains(needed.name())) {
        closure.remove(needed);
        closure.add(needed);
        closure(needed, closure);
      }
    }
  }

  private byte[] aliases() {
    StringBuilder text = new StringBuilder();
    for (KernelModule module : modules) {
      for (String alias : module.aliases()) {
        text.append("alias ").append(alias).append(' ').append(module.name()).append('\n');
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
