package handover.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds Debian archives in the host's own package sources, in both formats of sources.list(5). */
final class HostSources {

  private static final Set<String> SUITES =
      Set.of(
          "bullseye",
          "bookworm",
          "trixie",
          "forky",
          "duke",
          "sid",
          "oldoldstable",
          "oldstable",
          "stable",
          "testing",
          "unstable");

  /** {@code deb [options] uri suite component...}. */
  private static final Pattern LINE =
      Pattern.compile(
          "deb\\s+(?:\\[(?<options>[^]]*)]\\s+)?(?<uri>\\S+)\\s+(?<suite>\\S+)\\s+(?<rest>.+)");

  private static final Pattern SIGNED_BY = Pattern.compile("signed-by=(\\S+)");

  private HostSources() {}

  /** Archives with a main component of a Debian suite, in the host's order, each once. */
  static List<ArchiveSource> debian(Path etcApt) throws IOException {
    List<ArchiveSource> found = new ArrayList<>();
    for (Path file : files(etcApt)) {
      String text = Files.readString(file);
      found.addAll(file.toString().endsWith(".sources") ? stanzas(text) : lines(text));
    }
    return found.stream().distinct().toList();
  }

  private static List<Path> files(Path etcApt) throws IOException {
    List<Path> files = new ArrayList<>();
    Path list = etcApt.resolve("sources.list");
    if (Files.isReadable(list)) {
      files.add(list);
    }
    Path parts = etcApt.resolve("sources.list.d");
    if (Files.isDirectory(parts)) {
      try (Stream<Path> entries = Files.list(parts)) {
        entries.filter(HostSources::isSource).sorted().forEach(files::add);
      }
    }
    return files;
  }

  private static boolean isSource(Path file) {
    String name = file.getFileName().toString();
    return (name.endsWith(".list") || name.endsWith(".sources")) && Files.isReadable(file);
  }

  private static List<ArchiveSource> lines(String text) {
    List<ArchiveSource> found = new ArrayList<>();
    for (String line : text.lines().toList()) {
      Matcher m = LINE.matcher(line.replaceFirst("#.*", "").strip());
      if (m.matches() && isDebian(List.of(m.group("suite")), words(m.group("rest")))) {
        add(found, m.group("uri"), signedBy(m.group("options")));
      }
    }
    return found;
  }

  private static String signedBy(String options) {
    Matcher m = SIGNED_BY.matcher(options == null ? "" : options);
    return m.find() ? m.group(1) : "";
  }

  private static List<ArchiveSource> stanzas(String text) {
    List<ArchiveSource> found = new ArrayList<>();
    for (String stanza : text.split("\n\\s*\n", -1)) {
      Map<String, String> fields = fields(stanza);
      if (words(fields.get("types")).contains("deb")
          && !fields.getOrDefault("enabled", "yes").equals("no")
          && isDebian(words(fields.get("suites")), words(fields.get("components")))) {
        for (String uri : words(fields.get("uris"))) {
          add(found, uri, fields.getOrDefault("signed-by", ""));
        }
      }
    }
    return found;
  }

  /** Fields of one stanza by lower-case name; continuation lines keep their line breaks. */
  private static Map<String, String> fields(String stanza) {
    Map<String, String> fields = new LinkedHashMap<>();
    String name = "";
    for (String line : stanza.lines().filter(l -> !l.startsWith("#")).toList()) {
      int colon = line.indexOf(':');
      if (Character.isWhitespace(line.isEmpty() ? 'x' : line.charAt(0))) {
        fields.merge(name, line, (a, b) -> a + "\n" + b);
      } else if (colon > 0) {
        name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        fields.put(name, line.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  private static List<String> words(String text) {
    return text == null ? List.of() : List.of(text.strip().split("\\s+"));
  }

  private static boolean isDebian(List<String> suites, List<String> components) {
    return components.contains("main") && suites.stream().anyMatch(SUITES::contains);
  }

  private static void add(List<ArchiveSource> found, String uri, String signedBy) {
    if (!uri.startsWith("cdrom:")) {
      found.add(new ArchiveSource(uri, signedBy));
    }
  }
}
