package handover.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the tests have moved, as the table of {@code docs/qemu-compatibility.md}; written to {@code
 * target/qemu-compatibility.md} after every move. What an earlier run of other cells wrote stays.
 */
final class CompatibilityTable {
  private static final Path FILE = Path.of("target", "qemu-compatibility.md");
  private static final String HEAD =
      """
      | device | harts | QEMU | direction | result | through |
      |---|---|---|---|---|---|
      """;

  private CompatibilityTable() {}

  /** One move that was tried. */
  static synchronized void add(
      String device, String harts, String qemu, String direction, String way, String result)
      throws IOException {
    Map<String, String> results = read();
    results.put(cell(device, harts, qemu, direction, way), result);
    Map<String, String> ways = new LinkedHashMap<>();
    results.forEach(
        (cell, of) -> {
          int last = cell.lastIndexOf(" | ");
          String row = "| %s | %s |".formatted(cell.substring(0, last), of);
          ways.merge(row, cell.substring(last + 3), (a, b) -> a + ", " + b);
        });
    StringBuilder text = new StringBuilder(HEAD);
    ways.forEach((row, through) -> text.append("%s %s |%n".formatted(row, through)));
    Files.createDirectories(FILE.toAbsolutePath().getParent());
    Files.writeString(FILE, text);
  }

  private static String cell(String... parts) {
    return String.join(" | ", parts);
  }

  /** Cell, the way last → result. */
  private static Map<String, String> read() throws IOException {
    Map<String, String> results = new TreeMap<>();
    if (Files.exists(FILE)) {
      for (String line : Files.readAllLines(FILE)) {
        String[] p = line.split("\\| ?", -1);
        if (!HEAD.contains(line) && p.length == 8) {
          for (String way : p[6].strip().split(", ", -1)) {
            String[] row = {p[1].strip(), p[2].strip(), p[3].strip(), p[4].strip(), way};
            results.put(cell(row), p[5].strip());
          }
        }
      }
    }
    return results;
  }
}
