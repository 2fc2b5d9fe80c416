package handover.guest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads back what {@link CpioWriter} wrote, from the format's description alone. */
final class CpioReader {

  record Entry(int mode, int deviceMajor, int deviceMinor, String content) {}

  private CpioReader() {}

  static Map<String, Entry> read(byte[] archive) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    int at = 0;
    while (true) {
      String magic = text(archive, at, 6);
      if (!magic.equals("070701")) {
        throw new AssertionError("no entry at " + at + " but '" + magic + "'");
      }
      int size = field(archive, at, 6);
      int nameSize = field(archive, at, 11);
      String name = text(archive, at + 110, nameSize - 1);
      int data = align(at + 110 + nameSize);
      if (name.equals("TRAILER!!!")) {
        return entries;
      }
      Entry entry =
          new Entry(
              field(archive, at, 1),
              field(archive, at, 9),
              field(archive, at, 10),
              text(archive, data, size));
      entries.put(name, entry);
      at = align(data + size);
    }
  }

  private static int field(byte[] archive, int header, int index) {
    return Integer.parseInt(text(archive, header + 6 + 8 * index, 8), 16);
  }

  private static String text(byte[] archive, int at, int length) {
    return new String(Arrays.copyOfRange(archive, at, at + length), StandardCharsets.ISO_8859_1);
  }

  private static int align(int at) {
    return (at + 3) & ~3;
  }
}
