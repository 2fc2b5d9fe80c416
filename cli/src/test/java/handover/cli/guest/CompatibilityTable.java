package handover.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the tests have moved, as the table of {@code docs/qemu-compatibility.md}; written to {@code
 * target/qemu-compatibility.md} after every move.
 */
final class CompatibilityTable {
  private static final Path FILE = Path.of("target", "qemu-compatibility.md");
  private static final List<String> ROWS = new ArrayList<>();

  private CompatibilityTable() {}

  /** One move that was tried. */
  static synchronized void add(
      String qemu, String guest, String direction, String device, String way, String result)
      throws IOException {
    ROWS.add(
        "| %s | %s | %s | %s | %s | %s |".formatted(qemu, guest, direction, device, way, result));
    List<String> lines = new ArrayList<>();
    lines.add("| QEMU | guest | direction | device | through | result |");
    lines.add("|---|---|---|---|---|---|");
    lines.addAll(ROWS);
    Files.createDirectories(FILE.toAbsolutePath().getParent());
    Files.write(FILE, lines);
  }
}
