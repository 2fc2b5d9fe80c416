package handover.guest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A kernel module as its {@code .modinfo} section describes it. */
final class KernelModule {

  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final String file;
  private final List<String> depends;
  private final List<String> aliases;
  private final byte[] bytes;

  KernelModule(String file, List<String> depends, List<String> aliases, byte[] bytes) {
    this.file = file;
    this.depends = List.copyOf(depends);
    this.aliases = List.copyOf(aliases);
    this.bytes = bytes.clone();
  }

  /** Name as the kernel knows it, with underscores. */
  String name() {
    return normalize(stem(file));
  }

  /** File name, which ends with {@code .ko}, or {@code .ko.xz} if it is compressed. */
  String file() {
    return file;
  }

  /** Names of modules to be loaded before this one. */
  List<String> depends() {
    return depends;
  }

  /** Names under which the kernel may ask for it. */
  List<String> aliases() {
    return aliases;
  }

  /** Content of the file. */
  byte[] bytes() {
    return bytes.clone();
  }

  /**
   * A module whose description is read from its uncompressed form.
   *
   * @param file name of the file that is to be stored
   * @param plain the uncompressed module
   * @param stored what is to be stored of it
   */
  static KernelModule describe(String file, byte[] plain, byte[] stored)
      throws GuestFetchException {
    for (int i = 0; i < ELF.length; i++) {
      if (plain.length <= i || plain[i] != ELF[i]) {
        throw new GuestFetchException("kernel module " + file + " is not an ELF file");
      }
    }
    List<String> depends = new ArrayList<>();
    for (String list : values(plain, "depends=")) {
      depends.addAll(split(list, ","));
    }
    depends.replaceAll(KernelModule::normalize);
    return new KernelModule(file, depends, values(plain, "alias="), stored);
  }

  /** One line: file name, modules it depends on, aliases. */
  String toLine() {
    return file + "\t" + String.join(",", depends) + "\t" + String.join("\t", aliases);
  }

  /** Reverses {@link #toLine}. */
  static KernelModule fromLine(String line, byte[] stored) {
    List<String> fields = List.of(line.split("\t", -1));
    List<String> aliases = fields.subList(2, fields.size());
    return new KernelModule(
        fields.get(0),
        split(fields.get(1), ","),
        aliases.stream().filter(a -> !a.isEmpty()).toList(),
        stored);
  }

  private static List<String> split(String list, String separator) {
    List<String> parts = new ArrayList<>(List.of(list.split(separator, -1)));
    parts.removeIf(String::isEmpty);
    return parts;
  }

  /** The module's name without folders and suffixes. */
  static String stem(String file) {
    return file.substring(file.lastIndexOf('/') + 1).replaceFirst("\\.ko(\\.xz)?$", "");
  }

  static String normalize(String name) {
    return name.replace('-', '_');
  }

  /**
   * Entries are NUL-terminated and follow another's NUL, so the section is found by its content
   * alone.
   */
  private static List<String> values(byte[] bytes, String key) {
    byte[] wanted = ('\0' + key).getBytes(StandardCharsets.US_ASCII);
    List<String> values = new ArrayList<>();
    for (int at = 0; at + wanted.length < bytes.length; at++) {
      if (matches(bytes, at, wanted)) {
        int end = at + wanted.length;
        while (end < bytes.length && bytes[end] != 0) {
          end++;
        }
        int start = at + wanted.length;
        values.add(new String(bytes, start, end - start, StandardCharsets.UTF_8));
        at = end - 1;
      }
    }
    return values;
  }

  private static boolean matches(byte[] bytes, int at, byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
