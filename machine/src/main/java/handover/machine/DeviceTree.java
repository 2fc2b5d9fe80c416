package handover.machine;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A device tree under construction and its flattened form, version 17 (Devicetree specification
 * 0.4, chapter 5): header, empty memory reservation block, structure block, strings block.
 */
public final class DeviceTree {
  private static final int MAGIC = 0xd00dfeed;
  private static final int VERSION = 17;
  private static final int LAST_COMPATIBLE_VERSION = 16;
  private static final int HEADER_BYTES = 40;
  private static final int RESERVATION_BYTES = 16;
  private static final int BEGIN_NODE = 1;
  private static final int END_NODE = 2;
  private static final int PROPERTY = 3;
  private static final int END = 9;

  private final Node root = new Node("");

  /** A node: properties and children, kept in the order they were added. */
  public static final class Node {
    private final String name;
    private final Map<String, byte[]> properties = new LinkedHashMap<>();
    private final List<Node> children = new ArrayList<>();

    private Node(String name) {
      this.name = name;
    }

    /** Adds a child, {@code name@unit-address}. */
    public Node child(String childName) {
      Node child = new Node(childName);
      children.add(child);
      return child;
    }

    /** A property without a value. */
    public Node flag(String property) {
      return bytes(property, new byte[0]);
    }

    /** 32-bit cells. */
    public Node cells(String property, int... values) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int value : values) {
        u32(out, value);
      }
      return bytes(property, out.toByteArray());
    }

    /** 64-bit numbers, two cells each, as {@code reg} wants them. */
    public Node longs(String property, long... values) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (long value : values) {
        u32(out, (int) (value >>> 32));
        u32(out, (int) value);
      }
      return bytes(property, out.toByteArray());
    }

    /** A string, or a list of strings. */
    public Node text(String property, String... values) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (String value : values) {
        string(out, value);
      }
      return bytes(property, out.toByteArray());
    }

    /** Raw bytes. */
    public Node bytes(String property, byte[] value) {
      properties.put(property, value.clone());
      return this;
    }
  }

  /** The root node. */
  public Node root() {
    return root;
  }

  /** The flattened tree, a multiple of 8 bytes long. */
  public byte[] flatten() {
    Writer writer = new Writer();
    writer.node(root);
    u32(writer.structure, END);
    byte[] structure = writer.structure.toByteArray();
    byte[] strings = writer.strings.toByteArray();
    int structureOffset = HEADER_BYTES + RESERVATION_BYTES;
    int stringsOffset = structureOffset + structure.length;
    int total = (stringsOffset + strings.length + 7) & ~7;
    ByteArrayOutputStream blob = new ByteArrayOutputStream(total);
    for (int word :
        new int[] {
          MAGIC,
          total,
          structureOffset,
          stringsOffset,
          HEADER_BYTES,
          VERSION,
          LAST_COMPATIBLE_VERSION,
          0,
          strings.length,
          structure.length
        }) {
      u32(blob, word);
    }
    blob.writeBytes(new byte[RESERVATION_BYTES]);
    blob.writeBytes(structure);
    blob.writeBytes(strings);
    blob.writeBytes(new byte[total - blob.size()]);
    return blob.toByteArray();
  }

  private static final class Writer {
    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> stringOffsets = new LinkedHashMap<>();

    private void node(Node node) {
      u32(structure, BEGIN_NODE);
      string(structure, node.name);
      align();
      node.properties.forEach(this::property);
      node.children.forEach(this::node);
      u32(structure, END_NODE);
    }

    private void property(String name, byte[] value) {
      u32(structure, PROPERTY);
      u32(structure, value.length);
      u32(structure, stringOffsets.computeIfAbsent(name, this::addString));
      structure.writeBytes(value);
      align();
    }

    private int addString(String name) {
      int offset = strings.size();
      string(strings, name);
      return offset;
    }

    private void align() {
      structure.writeBytes(new byte[-structure.size() & 3]);
    }
  }

  private static void u32(ByteArrayOutputStream out, int value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.write(value >>> shift);
    }
  }

  private static void string(ByteArrayOutputStream out, String value) {
    out.writeBytes(value.getBytes(StandardCharsets.UTF_8));
    out.write(0);
  }
}
