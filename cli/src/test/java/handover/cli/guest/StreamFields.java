package handover.cli.guest;

import handover.monitor.json.Json;
import handover.monitor.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of every device section of a stream in a file, as the stream's own JSON description
 * says they lie: section → field → bytes in hexadecimal.
 */
final class StreamFields {
  private static final byte SECTION_FULL = 4;
  private static final byte SUBSECTION = 5;
  private static final byte VMDESCRIPTION = 6;
  private static final int FOOTER = 5;

  private final byte[] bytes;
  private final Map<String, Map<String, String>> sections = new LinkedHashMap<>();
  private int position;

  private StreamFields(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Reads a file. */
  static Map<String, Map<String, String>> of(Path file) throws Exception {
    StreamFields stream = new StreamFields(Files.readAllBytes(file));
    stream.read();
    return stream.sections;
  }

  private void read() throws Exception {
    int json = description();
    InputStream text = new ByteArrayInputStream(bytes, json, bytes.length - json);
    Json.Obj description = (Json.Obj) new JsonReader(text).next().orElseThrow();
    for (Json each : description.array("devices")) {
      Json.Obj device = (Json.Obj) each;
      if (!device.array("fields").isEmpty()) {
        section(device);
      }
    }
  }

  /** Where the JSON begins: its length is what the file has left. */
  private int description() throws IOException {
    for (int at = bytes.length - 6; at > 0; at--) {
      if (bytes[at] == VMDESCRIPTION
          && ByteBuffer.wrap(bytes).getInt(at + 1) == bytes.length - at - 5
          && bytes[at + 5] == '{') {
        return at + 5;
      }
    }
    throw new IOException("the stream has no description at its end");
  }

  private void section(Json.Obj device) throws IOException {
    String name = device.text("name").orElseThrow();
    int instance = Math.toIntExact(device.whole("instance_id").orElse(0));
    int version = Math.toIntExact(device.whole("version").orElse(0));
    position = find(name, instance, version);
    Map<String, String> fields = new LinkedHashMap<>();
    fields(device, "", fields);
    sections.put(name + "#" + instance + " v" + version, fields);
  }

  private int find(String name, int instance, int version) throws IOException {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] head =
        ByteBuffer.allocate(1 + text.length + 8)
            .put((byte) text.length)
            .put(text)
            .putInt(instance)
            .putInt(version)
            .array();
    for (int at = FOOTER; at < bytes.length - head.length; at++) {
      if (bytes[at - 5] == SECTION_FULL && matches(at, head)) {
        return at + head.length;
      }
    }
    throw new IOException("no section " + name);
  }

  private boolean matches(int at, byte[] wanted) {
    int end = at + wanted.length;
    return java.util.Arrays.equals(bytes, at, end, wanted, 0, wanted.length);
  }

  private void fields(Json.Obj state, String prefix, Map<String, String> into) throws IOException {
    for (Json each : state.array("fields")) {
      Json.Obj field = (Json.Obj) each;
      String name = prefix + field.text("name").orElseThrow();
      int count = Math.toIntExact(field.whole("array_len").orElse(1));
      if (field.object("struct").isEmpty()) {
        into.put(name, take(count * Math.toIntExact(field.whole("size").orElseThrow())));
      }
      for (int i = 0; field.object("struct").isPresent() && i < count; i++) {
        String label = count == 1 ? name : name + "[" + i + "]";
        fields(field.object("struct").get(), label + ".", into);
      }
    }
    for (Json each : state.array("subsections")) {
      subsection((Json.Obj) each, prefix, into);
    }
  }

  private void subsection(Json.Obj state, String prefix, Map<String, String> into)
      throws IOException {
    String name = state.text("vmsd_name").orElseThrow();
    if (bytes[position] != SUBSECTION) {
      throw new IOException("subsection " + name + " is described, but not there");
    }
    position += 2 + name.length();
    into.put(prefix + name + " version", take(4));
    fields(state, prefix + name + ".", into);
  }

  private String take(int count) {
    String hex = HexFormat.of().formatHex(bytes, position, position + count);
    position += count;
    return hex;
  }
}
