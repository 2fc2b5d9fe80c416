package handover.diagnosis.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What pairs of QEMUs were seen to do, as the table of {@code docs/diagnosis.md}; written to {@code
 * target/misconfigurations.md} after every case. What an earlier run of other cases wrote stays.
 */
final class MisconfigurationTable {
  private static final Path FILE = Path.of("target", "misconfigurations.md");
  private static final String HEAD =
      """
      | what differs | what QEMU does | in its words | what `handover check` says | exit |
      |---|---|---|---|---|
      """;

  private MisconfigurationTable() {}

  /** One migration that was tried. */
  static synchronized void add(String name, Outcome seen, String words, MachineCheck check)
      throws IOException {
    Map<String, String> rows = read();
    String said = check.breaking().stream().map(Difference::line).collect(Collectors.joining("; "));
    rows.put(
        "| %s |".formatted(name),
        " %s | %s | %s | %d |"
            .formatted(
                words(seen, check.outcome()),
                cell(words),
                said.isEmpty() ? "it would work" : cell(said),
                check.outcome().breaks() ? 1 : 0));
    StringBuilder text = new StringBuilder(HEAD);
    rows.forEach((row, rest) -> text.append(row).append(rest).append('\n'));
    Files.createDirectories(FILE.toAbsolutePath().getParent());
    Files.writeString(FILE, text);
  }

  private static String words(Outcome seen, Outcome foretold) {
    if (seen == Outcome.FAILURE && foretold == Outcome.LOST) {
      return "fails, the guest stays; lost if the source is done a moment sooner";
    }
    return seen == Outcome.HARMLESS ? "moves" : seen.words();
  }

  private static String cell(String words) {
    return words.replace("|", "\\|").replace("\n", " ");
  }

  private static Map<String, String> read() throws IOException {
    Map<String, String> rows = new LinkedHashMap<>();
    if (Files.exists(FILE)) {
      Files.readAllLines(FILE).stream()
          .filter(line -> !HEAD.contains(line))
          .forEach(
              line -> {
                int first = line.indexOf('|', 1) + 1;
                rows.put(line.substring(0, first), line.substring(first));
              });
    }
    return rows;
  }
}
