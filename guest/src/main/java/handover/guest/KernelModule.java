package handover.guest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A kernel module as its {@code .modinfo} section describes it. */
final class KernelModule {

  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final String name;
  private final List<String> depends;
  private final List<String> aliases;
  private final byte[] bytes;

  KernelModule(String name, List<String> depends, List<String> aliases, byte[] bytes) {
    this.name = name;
    this.depends = List.copyOf(depends);
    this.aliases = List.copyOf(aliases);
    this.bytes = bytes.clone();
  }

  /** Name as the kernel knows it, with underscores. */
  String name() {
    return name;
  }

  /** Names of modules to be loaded before this one. */
  List<String> depends() {
    return depends;
  }

  /** Names under which the kernel may ask for it. */
  List<String> aliases() {
    return aliases;
  }

  /** The uncompressed module. */
  byte[] bytes() {
    return bytes.clone();
  }

  /** Reads an uncompressed module. */
  static KernelModule parse(String file, byte[] bytes) throws GuestFetchException {
    for (int i = 0; i < ELF.length; i++) {
      if (bytes.length <= i || bytes[i] != ELF[i]) {
        throw new GuestFetchException("kernel module " + file + " is not an ELF file");
      }
    }
    List<String> depends = new ArrayList<>();
    for (String list : values(bytes, "depends=")) {
      for (String name : list.split(",", -1)) {
        if (!name.isEmpty()) {
          depends.add(normalize(name));
        }
      }
    }
    return new KernelModule(normalize(stem(file)), depends, values(bytes, "alias="), bytes);
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
