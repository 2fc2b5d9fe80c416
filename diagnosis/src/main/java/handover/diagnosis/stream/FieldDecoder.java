package handover.diagnosis.stream;

import handover.vmstate.WireReader;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;

/** Reads a section's payload as its description says, and puts every value in words. */
final class FieldDecoder {
  /** Elements of an array that are spelled out; a run of equal ones counts once. */
  private static final int MOST_ELEMENTS = 4096;

  private static final int MOST_STRUCTURES = 1024;
  private static final int SHOWN_BYTES = 64;
  private static final HexFormat HEX = HexFormat.of();

  private static final int MOST_VALUES = 1 << 18;

  private final WireReader in;
  private final long base;
  private int decoded;

  /**
   * A decoder of a payload.
   *
   * @param in reads the payload alone
   * @param base where in the stream the payload begins
   */
  FieldDecoder(WireReader in, long base) {
    this.in = in;
    this.base = base;
  }

  /** Fields in order, then subsections, each as one value with parts. */
  List<FieldValue> state(DescribedState state) {
    List<FieldValue> values = new ArrayList<>();
    for (DescribedField field : state.fields()) {
      if (++decoded > MOST_VALUES) {
        throw in.malformed("at most " + MOST_VALUES + " values in a section", "more");
      }
      values.add(field(field));
    }
    for (DescribedState sub : state.subsections()) {
      values.add(subsection(sub));
    }
    return values;
  }

  private FieldValue subsection(DescribedState sub) {
    long at = here();
    int marker = in.u8();
    String name = marker == 5 ? in.counted() : "";
    if (!name.equals(sub.name())) {
      throw in.malformed(
          "subsection '%s'".formatted(Text.of(sub.name())),
          marker == 5 ? "'" + Text.of(name) + "'" : "0x%02x".formatted(marker));
    }
    int version = in.u32();
    List<FieldValue> parts = state(sub);
    String type = "subsection, version " + Integer.toUnsignedString(version);
    return new FieldValue(name, type, at, here() - at, "", parts);
  }

  private FieldValue field(DescribedField field) {
    long at = here();
    if (field.struct().isPresent()) {
      return structures(field, field.struct().get(), at);
    }
    return switch (field.type()) {
      case "pci config" ->
          PciConfig.read(in, field.label(), at, (int) Math.min(4096, field.size()));
      case "unused_buffer" -> {
        pass(field.bytes());
        yield FieldValue.leaf(field.label(), field.type(), at, field.bytes(), "");
      }
      default -> plain(field, at);
    };
  }

  private FieldValue structures(DescribedField field, DescribedState inner, long at) {
    if (field.count() == 1) {
      List<FieldValue> parts = state(inner);
      settle(at, field.size());
      return new FieldValue(field.label(), inner.name(), at, field.size(), "", parts);
    }
    List<FieldValue> elements = new ArrayList<>();
    for (long i = 0; i < Math.min(field.count(), MOST_STRUCTURES); i++) {
      long from = here();
      List<FieldValue> parts = state(inner);
      settle(from, field.size());
      elements.add(new FieldValue("[" + i + "]", inner.name(), from, field.size(), "", parts));
    }
    settle(at, field.bytes());
    String type = "%s[%d]".formatted(inner.name(), field.count());
    return new FieldValue(field.label(), type, at, field.bytes(), "", elements);
  }

  /** The description's size counts: what its parts leave over is stepped over. */
  private void settle(long from, long bytes) {
    long left = from + bytes - here();
    if (left < 0) {
      throw in.malformed(
          "%d bytes, as the description says".formatted(bytes), "%d more".formatted(-left));
    }
    pass(left);
  }

  private FieldValue plain(DescribedField field, long at) {
    boolean numbers = isNumber(field.type(), field.size());
    String value = numbers ? numbers(field) : raw(field.bytes());
    String type =
        field.count() == 1 ? field.type() : "%s[%d]".formatted(field.type(), field.count());
    return FieldValue.leaf(field.label(), type, at, field.bytes(), value);
  }

  private static boolean isNumber(String type, long size) {
    boolean named =
        type.startsWith("int")
            || type.startsWith("uint")
            || type.equals("bool")
            || type.equals("timer");
    return named && (size == 1 || size == 2 || size == 4 || size == 8);
  }

  private String numbers(DescribedField field) {
    if (field.count() == 1) {
      return number(field.type(), (int) field.size());
    }
    Runs runs = new Runs();
    for (long i = 0; i < field.count(); i++) {
      runs.add(number(field.type(), (int) field.size()));
    }
    return runs.toString();
  }

  private String number(String type, int size) {
    long value =
        switch (size) {
          case 1 -> in.u8();
          case 2 -> in.u16();
          case 4 -> Integer.toUnsignedLong(in.u32());
          default -> in.u64();
        };
    if (type.equals("bool")) {
      return value == 0 ? "false" : value == 1 ? "true" : Long.toString(value);
    }
    if (type.startsWith("int") || type.equals("timer")) {
      return Long.toString(value << 64 - 8 * size >> 64 - 8 * size);
    }
    return Long.compareUnsigned(value, 9) > 0
        ? "0x" + Long.toHexString(value)
        : Long.toString(value);
  }

  private String raw(long bytes) {
    byte[] shown = in.bytes((int) Math.min(bytes, SHOWN_BYTES));
    boolean zero = true;
    for (byte b : shown) {
      zero &= b == 0;
    }
    long left = bytes - shown.length;
    while (left > 0) {
      byte[] more = in.bytes((int) Math.min(left, 16 << 10));
      for (byte b : more) {
        zero &= b == 0;
      }
      left -= more.length;
    }
    if (zero) {
      return "%d bytes, all zero".formatted(bytes);
    }
    return words(shown) + (bytes > SHOWN_BYTES ? "... (%d bytes)".formatted(bytes) : "");
  }

  /** A C string if it looks like one, else hexadecimal. */
  private static String words(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] >= 0x20 && bytes[length] < 0x7f) {
      length++;
    }
    boolean padded = length >= 3;
    for (int i = length; i < bytes.length; i++) {
      padded &= bytes[i] == 0;
    }
    return padded
        ? "\"" + new String(bytes, 0, length, java.nio.charset.StandardCharsets.US_ASCII) + "\""
        : HEX.formatHex(bytes);
  }

  private void pass(long count) {
    for (long left = count; left > 0; ) {
      int piece = (int) Math.min(left, 16 << 10);
      in.bytes(piece);
      left -= piece;
    }
  }

  private long here() {
    return base + in.position();
  }

  /** Values in a row, equal neighbours once. */
  private static final class Runs {
    private final StringJoiner text = new StringJoiner(" ");
    private String last = "";
    private long times;
    private int written;

    void add(String value) {
      if (value.equals(last)) {
        times++;
        return;
      }
      flush();
      last = value;
      times = 1;
    }

    private void flush() {
      if (times > 0 && written++ < MOST_ELEMENTS) {
        text.add(times > 1 ? last + "*" + times : last);
      }
    }

    @Override
    public String toString() {
      flush();
      return written > MOST_ELEMENTS ? text + " ..." : text.toString();
    }
  }
}
