package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A test that the documentation names is there. */
class DocumentedTestsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern METHOD = Pattern.compile("`([A-Z][A-Za-z]*Test)\\.([a-zA-Z]+)`");

  @Test
  void everyTestNamedInTheDocumentationExists() throws IOException {
    TreeSet<String> missing = new TreeSet<>();
    int found = 0;
    for (Path page : files(ROOT.resolve("docs"), ".*\\.md")) {
      Matcher named = METHOD.matcher(Files.readString(page));
      while (named.find()) {
        found++;
        if (!exists(named.group(1), named.group(2))) {
          missing.add(page.getFileName() + ": " + named.group());
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(found).as("tests named").isGreaterThan(30);
  }

  private static boolean exists(String type, String method) throws IOException {
    return files(ROOT, ".*/src/test/java/.*/" + type + "\\.java").stream()
        .anyMatch(file -> read(file).contains("void " + method + "("));
  }

  private static List<Path> files(Path folder, String pattern) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return new ArrayList<>(
          all.filter(f -> !f.toString().contains("/target/"))
              .filter(f -> f.toString().matches(pattern))
              .toList());
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
