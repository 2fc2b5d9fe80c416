package handover.cli.guest;

import handover.lab.VmProcess;
import handover.monitor.json.Json;
import handover.monitor.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of every device section of a stream in a file, as {@code handover inspect --json}
 * finds them: section → field → bytes in hexadecimal. Bytes that it names no field for count as
 * one, too, so that none is overlooked.
 */
final class StreamFields {
  /** Which only QEMU's description calls so; its bytes are compared as a whole. */
  private static final String PCI_CONFIG = "pci config";

  private final byte[] stream;
  private final Map<String, String> fields = new LinkedHashMap<>();

  private StreamFields(byte[] stream) {
    this.stream = stream;
  }

  /** Takes a file apart. */
  static Map<String, Map<String, String>> of(Path file) throws Exception {
    byte[] stream = Files.readAllBytes(file);
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    for (Json each : inspect(file).array("items")) {
      Json.Obj item = (Json.Obj) each;
      if (item.text("type").orElse("").equals("full")) {
        String label =
            "%s#%d v%d"
                .formatted(
                    item.text("name").orElseThrow(),
                    number(item, "instance"),
                    number(item, "version"));
        StreamFields section = new StreamFields(stream);
        section.take(item, "", number(item, "payload"), number(item, "payload-bytes"));
        sections.put(label, section.fields);
      }
    }
    return sections;
  }

  private static Json.Obj inspect(Path file) throws Exception {
    List<String> command = new ArrayList<>(VmProcess.ownLauncher());
    command.addAll(List.of("inspect", "--json", file.toString()));
    Process inspect =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Json.Obj report = (Json.Obj) new JsonReader(inspect.getInputStream()).next().orElseThrow();
    if (inspect.waitFor() != 0) {
      throw new IOException("inspect found %s broken: %s".formatted(file, report));
    }
    return report;
  }

  private static int number(Json.Obj of, String name) {
    return Math.toIntExact(of.whole(name).orElseThrow());
  }

  private void take(Json.Obj of, String prefix, int start, int length) {
    int at = start;
    for (Json each : of.array("fields")) {
      Json.Obj field = (Json.Obj) each;
      String name = prefix + field.text("name").orElseThrow();
      int from = number(field, "offset");
      unnamed(prefix, at, from);
      if (field.array("fields").isEmpty() || field.text("type").orElse("").equals(PCI_CONFIG)) {
        put(name, from, from + number(field, "bytes"));
      } else {
        take(field, name + ".", from, number(field, "bytes"));
      }
      at = Math.max(at, from + number(field, "bytes"));
    }
    unnamed(prefix, at, start + length);
  }

  private void unnamed(String prefix, int from, int to) {
    if (from < to) {
      put(prefix + "(between)", from, to);
    }
  }

  private void put(String name, int from, int to) {
    String free = name;
    for (int i = 2; fields.containsKey(free); i++) {
      free = name + "~" + i;
    }
    fields.put(free, HexFormat.of().formatHex(stream, from, to));
  }
}
