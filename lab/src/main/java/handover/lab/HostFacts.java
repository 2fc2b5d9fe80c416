package handover.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The machine that an experiment runs on, as far as it tells. */
final class HostFacts {
  private static final Pattern MODEL = Pattern.compile("(?m)^model name\\s*:\\s*(.+)$");
  private static final Pattern MEMORY = Pattern.compile("(?m)^MemTotal:\\s*([0-9]+) kB$");

  private HostFacts() {}

  /** A fact a line. */
  static List<String> lines() {
    List<String> facts = new ArrayList<>();
    String model = find("/proc/cpuinfo", MODEL).orElse(System.getProperty("os.arch"));
    facts.add("%s, %d CPUs".formatted(model, Runtime.getRuntime().availableProcessors()));
    find("/proc/meminfo", MEMORY)
        .ifPresent(
            kib -> facts.add("%.1f GiB of memory".formatted(Long.parseLong(kib) / 1048576.0)));
    facts.add(System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.add(
        "%s %s"
            .formatted(System.getProperty("java.vm.name"), System.getProperty("java.vm.version")));
    read("/proc/loadavg")
        .ifPresent(
            load ->
                facts.add(
                    "load average at the start: " + load.replaceAll(" [0-9]+/.*", "").strip()));
    return List.copyOf(facts);
  }

  private static Optional<String> find(String file, Pattern wanted) {
    return read(file).map(wanted::matcher).filter(Matcher::find).map(m -> m.group(1));
  }

  private static Optional<String> read(String file) {
    try {
      return Optional.of(Files.readString(Path.of(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
