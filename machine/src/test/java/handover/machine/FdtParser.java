package handover.machine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a flattened tree back, by the specification and not by our writer. */
final class FdtParser {
  private final ByteBuffer blob;
  private final Map<String, byte[]> properties = new LinkedHashMap<>();

  FdtParser(byte[] bytes) {
    blob = ByteBuffer.wrap(bytes);
    check(blob.getInt(0) == 0xd00dfeed, "magic");
    check(blob.getInt(4) == bytes.length, "total size");
    check(blob.getInt(20) == 17 && blob.getInt(24) == 16, "versions");
    check(blob.getInt(16) % 8 == 0 && blob.getLong(blob.getInt(16)) == 0, "reservations");
    check(blob.getInt(8) % 4 == 0, "alignment of the structure block");
    check(blob.getInt(12) + blob.getInt(32) <= bytes.length, "size of the strings block");
    blob.position(blob.getInt(8));
    walk(blob.getInt(8) + blob.getInt(36));
  }

  /** Values by {@code /path/to/node:property}; each node has an entry {@code /path/to/node}. */
  Map<String, byte[]> properties() {
    return properties;
  }

  String text(String path) {
    byte[] value = properties.get(path);
    return new String(value, 0, value.length - 1, StandardCharsets.UTF_8);
  }

  int cell(String path) {
    return ByteBuffer.wrap(properties.get(path)).getInt();
  }

  long number(String path, int index) {
    return ByteBuffer.wrap(properties.get(path)).getLong(index * 8);
  }

  private void walk(int end) {
    Deque<String> path = new ArrayDeque<>();
    for (int token = blob.getInt(); token != 9; token = blob.getInt()) {
      switch (token) {
        case 1 -> {
          String name = string(blob.position());
          skip(name.length() + 1);
          path.push(path.isEmpty() ? "" : path.peek() + "/" + name);
          properties.put(path.peek().isEmpty() ? "/" : path.peek(), new byte[0]);
        }
        case 2 -> path.pop();
        case 3 -> property(path.peek());
        default -> throw new AssertionError("token " + token);
      }
    }
    check(path.isEmpty(), "balance of nodes");
    check(blob.position() == end, "end of the structure block");
  }

  private void property(String node) {
    byte[] value = new byte[blob.getInt()];
    String name = string(blob.getInt(12) + blob.getInt());
    blob.get(blob.position(), value);
    skip(value.length);
    check(properties.put(node + ":" + name, value) == null, "a second " + node + ":" + name);
  }

  private String string(int at) {
    int end = at;
    while (blob.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - at];
    blob.get(at, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private void skip(int bytes) {
    blob.position((blob.position() + bytes + 3) & ~3);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("malformed tree: " + what);
    }
  }
}
