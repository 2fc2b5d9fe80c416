package handover.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
      | device | harts | QEMU | direction | through | result |
      |---|---|---|---|---|---|
      """;

  private CompatibilityTable() {}

  /** One move that was tried. */
  static synchronized void add(
      String device, String harts, String qemu, String direction, String way, String result)
      throws IOException {
    Map<String, String> rows = read();
    rows.put(
        "| %s | %s | %s | %s | %s |".formatted(device, harts, qemu, direction, way),
        " %s |".formatted(result));
    StringBuilder text = new StringBuilder(HEAD);
    rows.forEach((cell, outcome) -> text.append(cell).append(outcome).append('\n'));
    Files.createDirectories(FILE.toAbsolutePath().getParent());
    Files.writeString(FILE, text);
  }

  private static Map<String, String> read() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    if (Files.exists(FILE)) {
      Files.readAllLines(FILE).stream()
          .filter(line -> !HEAD.contains(line))
          .forEach(
              line -> {
                int result = line.lastIndexOf('|', line.length() - 2) + 1;
                rows.put(line.substring(0, result), line.substring(result));
              });
    }
    return rows;
  }
}
