package handover.cli.guest;

import handover.guest.QemuCache;
import handover.guest.QemuEdition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A QEMU to move guests to and from, and how it is told to be like our machine. */
enum QemuVersion {
  /** Debian 12's, which the tests' host has installed. */
  QEMU_7_2("7.2", "exec:cat>", "exec:cat ", "rv64,h=off,sstc=off,zba=off,zbb=off,zbc=off,zbs=off"),
  QEMU_10_0("10.0", "file:", "file:", QemuVersion.PLAIN_HART),
  QEMU_11_1("11.1", "file:", "file:", QemuVersion.PLAIN_HART);

  private static final String PLAIN_HART =
      "rv64,h=off,v=off,sstc=off,sv57=off,svadu=off,svvptc=off,zba=off,zbb=off,zbc=off,zbs=off,"
          + "zfa=off,zawrs=off,zicbom=off,zicbop=off,zicboz=off,zihintntl=off,zihintpause=off";

  private static final Path IPXE = Path.of("/usr/lib/ipxe/qemu/efi-virtio.rom");

  private final String number;
  private final String toFile;
  private final String fromFile;
  private final String cpu;

  QemuVersion(String number, String toFile, String fromFile, String cpu) {
    this.number = number;
    this.toFile = toFile;
    this.fromFile = fromFile;
    this.cpu = cpu;
  }

  /**
   * For {@code -m}: at least so many MiB, and no multiple of 256 KiB. Of such a multiple QEMU 7.2
   * collects dirty pages 64 at a time, and then misses what the guest goes on storing to a page it
   * has stored to before: half of the moves of a busy guest arrive with stale memory.
   */
  static String memory(int mebibytes) {
    return (mebibytes * 1024 + 128) + "K";
  }

  /** {@code 7.2} and so on. */
  String number() {
    return number;
  }

  /** After {@code -M virt,stream=}. */
  String stream() {
    return "qemu-" + number;
  }

  /** After {@code -cpu}: the hart we have. */
  String cpu() {
    return cpu;
  }

  /** URI that makes it write a stream into a file. */
  String toFile(Object file) {
    return toFile + file;
  }

  /** URI that makes it read one. */
  String fromFile(Object file) {
    return fromFile + file;
  }

  /**
   * What a network card on PCI needs so that it has an option ROM. Debian 12's QEMU takes it from
   * package ipxe-qemu, 11.1 brings it, and 10.0 is unpacked without; then {@code other} serves.
   */
  String optionRom(Path other) {
    boolean own = this == QEMU_11_1 || this == QEMU_7_2 && Files.exists(IPXE);
    return own ? "" : ",romfile=" + other;
  }

  /** The program; empty if it cannot be had, with the reason in {@code why}. */
  Optional<List<String>> program(StringBuilder why) {
    if (this == QEMU_7_2) {
      return Optional.of(List.of("qemu-system-riscv64"));
    }
    try {
      QemuEdition edition = QemuEdition.named(number).orElseThrow();
      return Optional.of(
          List.of(QemuCache.standard().fetch(edition, Optional.empty(), System.out::println) + ""));
    } catch (IOException e) {
      why.append(e.getMessage());
      return Optional.empty();
    }
  }
}
