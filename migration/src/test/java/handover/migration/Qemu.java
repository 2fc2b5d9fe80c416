package handover.migration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A real QEMU of the host, stopped before its first instruction, spoken to in QMP. */
final class Qemu implements AutoCloseable {
  private final Process process;
  private final BufferedReader replies;
  private final BufferedWriter commands;

  Qemu(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-riscv64",
                "-M",
                "virt",
                "-nodefaults",
                "-display",
                "none",
                "-bios",
                "none",
                "-S",
                "-qmp",
                "stdio"));
    command.addAll(List.of(more));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    replies = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
    execute("qmp_capabilities", "{}");
  }

  static boolean installed() {
    try {
      return new ProcessBuilder("qemu-system-riscv64", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Runs a QMP command and returns its {@code return}. */
  Object execute(String command, String arguments) throws IOException {
    commands.write("{\"execute\":\"%s\",\"arguments\":%s}%n".formatted(command, arguments));
    commands.flush();
    String line = replies.readLine();
    while (line != null) {
      Map<?, ?> reply = (Map<?, ?>) json(line);
      if (reply.containsKey("error")) {
        throw new IOException(command + ": " + line);
      }
      if (reply.containsKey("return")) {
        return reply.get("return");
      }
      line = replies.readLine();
    }
    throw new IOException("QEMU quit during " + command);
  }

  void migrate(String uri, boolean returnPath) throws IOException {
    execute(
        "migrate-set-capabilities",
        "{\"capabilities\":[{\"capability\":\"return-path\",\"state\":%s}]}".formatted(returnPath));
    execute("migrate", "{\"uri\":\"%s\"}".formatted(uri));
  }

  String migrationStatus() {
    try {
      return String.valueOf(((Map<?, ?>) execute("query-migrate", "{}")).get("status"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  String runState() throws IOException {
    return String.valueOf(((Map<?, ?>) execute("query-status", "{}")).get("status"));
  }

  static Object json(String text) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      return value(parser);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> object = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        object.put(key, value(parser));
      }
      return object;
    }
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> array = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        array.add(value(parser));
      }
      return array;
    }
    return parser.getText();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    commands.close();
  }
}
