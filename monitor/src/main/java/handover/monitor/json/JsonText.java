package handover.monitor.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Between {@link Json} and its text. */
public final class JsonText {
  /** Deepest nesting accepted. */
  static final int MAX_DEPTH = 512;

  /** Longest value accepted, in bytes. */
  static final int MAX_LENGTH = 4 << 20;

  // Single quotes: QEMU's own parser takes them, and people type them into QMP sockets.
  // Escaped non-ASCII: every reply is plain ASCII whatever the terminal's character set.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_LENGTH)
                  .maxNumberLength(64)
                  .build())
          .build();

  private JsonText() {}

  /** Compact text in one line. */
  public static String of(Json value) {
    return write(value, false);
  }

  /** Text for people, indented. */
  public static String pretty(Json value) {
    return write(value, true);
  }

  /**
   * Parses exactly one value.
   *
   * @throws JsonSyntaxException saying what was wrong and where
   */
  public static Json parse(String text) throws JsonSyntaxException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return parse(bytes, 0, bytes.length);
  }

  /** As {@link #parse(String)}, for UTF-8 bytes. */
  static Json parse(byte[] bytes, int offset, int length) throws JsonSyntaxException {
    try (JsonParser parser = FACTORY.createParser(bytes, offset, length)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new JsonSyntaxException("JSON parse error, expected a value, found the end");
      }
      Json value = read(parser, first);
      if (parser.nextToken() != null) {
        throw new JsonSyntaxException("JSON parse error, expected one value, found another");
      }
      return value;
    } catch (IOException | NumberFormatException e) {
      // The latter for exponents beyond what a BigDecimal can have.
      throw new JsonSyntaxException("JSON parse error, " + firstLine(e));
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
  }

  private static Json read(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> new Json.Str(parser.getText());
      case VALUE_NUMBER_INT -> readWhole(parser);
      case VALUE_NUMBER_FLOAT -> new Json.Real(parser.getDecimalValue());
      case VALUE_TRUE -> new Json.Bool(true);
      case VALUE_FALSE -> new Json.Bool(false);
      case VALUE_NULL -> Json.Null.NULL;
      default -> throw new IOException("unexpected token " + token);
    };
  }

  private static Json readWhole(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT, LONG -> new Json.Int(parser.getLongValue());
      default -> new Json.Real(new BigDecimal(parser.getBigIntegerValue()));
    };
  }

  private static Json readObject(JsonParser parser) throws IOException {
    Map<String, Json> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      members.put(name, read(parser, parser.nextToken()));
    }
    return new Json.Obj(members);
  }

  private static Json readArray(JsonParser parser) throws IOException {
    List<Json> elements = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      elements.add(read(parser, t));
    }
    return new Json.Arr(elements);
  }

  private static String write(Json value, boolean pretty) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      if (pretty) {
        generator.useDefaultPrettyPrinter();
      }
      write(generator, value);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot happen: writing to memory", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator generator, Json value) throws IOException {
    switch (value) {
      case Json.Obj(Map<String, Json> members) -> writeObject(generator, members);
      case Json.Arr(List<Json> elements) -> writeArray(generator, elements);
      case Json.Str(String text) -> generator.writeString(text);
      case Json.Int(long whole) -> generator.writeNumber(whole);
      case Json.Real(BigDecimal real) -> generator.writeNumber(real);
      case Json.Bool(boolean flag) -> generator.writeBoolean(flag);
      case Json.Null n -> generator.writeNull();
    }
  }

  private static void writeObject(JsonGenerator generator, Map<String, Json> members)
      throws IOException {
    generator.writeStartObject();
    for (Map.Entry<String, Json> member : members.entrySet()) {
      generator.writeFieldName(member.getKey());
      write(generator, member.getValue());
    }
    generator.writeEndObject();
  }

  private static void writeArray(JsonGenerator generator, List<Json> elements) throws IOException {
    generator.writeStartArray();
    for (Json element : elements) {
      write(generator, element);
    }
    generator.writeEndArray();
  }
}
