package handover.diagnosis.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The JSON at a stream's end that says what its sections hold (VMDESCRIPTION). Read with limits: it
 * is as hostile as the rest.
 *
 * @param pageSize bytes of a page of the guest
 * @param sections in stream order, RAM not among them
 */
public record StreamDescription(int pageSize, List<DescribedSection> sections) {
  /** Longest description read; a machine of 512 CPUs needs less than half of it. */
  static final int LONGEST = 32 << 20;

  private static final int MOST_FIELDS = 1 << 20;
  private static final int DEEPEST = 64;
  private static final long MOST_ELEMENTS = 1L << 24;
  private static final long LONGEST_FIELD = 1L << 36;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4 * DEEPEST)
                  .maxStringLength(1024)
                  .maxNumberLength(32)
                  .build())
          .build();

  /** Copies. */
  public StreamDescription {
    sections = List.copyOf(sections);
  }

  /**
   * Reads the {@code length} bytes of a description.
   *
   * @throws StreamException if they are no description, or more than can be one
   */
  static StreamDescription read(WireReader in, long length) {
    if (length > LONGEST) {
      throw in.malformed("a description of at most 32 MiB", length + " bytes");
    }
    return parse(in.bytes((int) length));
  }

  /** As {@link #read}, of bytes in memory. */
  static StreamDescription parse(byte[] json) {
    try (JsonParser parser = JSON.createParser(json)) {
      return new Reading(parser).description();
    } catch (IOException | ArithmeticException e) {
      throw new StreamException(
          "description: expected QEMU's JSON of the sections, found "
              + Text.of(String.valueOf(e.getMessage()).lines().findFirst().orElse("nothing")),
          e);
    }
  }

  /** The section of that name and instance. */
  public Optional<DescribedSection> section(String label) {
    return sections.stream().filter(s -> s.label().equals(label)).findFirst();
  }

  /** One pass over the text. Members that are not known here are stepped over. */
  private static final class Reading {
    private final JsonParser json;
    private int fields;

    Reading(JsonParser json) {
      this.json = json;
    }

    StreamDescription description() throws IOException {
      json.nextToken();
      expect(JsonToken.START_OBJECT);
      long pageSize = 4096;
      List<DescribedSection> sections = new ArrayList<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("page_size") && value == JsonToken.VALUE_NUMBER_INT) {
          pageSize = number(1 << 24);
        } else if (name.equals("devices") && value == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            sections.add(new Body(this, 0).section());
          }
          expect(JsonToken.END_ARRAY);
        } else {
          json.skipChildren();
        }
      }
      expect(JsonToken.END_OBJECT);
      if (pageSize < 512 || Long.bitCount(pageSize) != 1) {
        throw new IOException("page_size " + pageSize);
      }
      return new StreamDescription((int) pageSize, sections);
    }

    private void expect(JsonToken token) throws IOException {
      if (json.currentToken() != token) {
        throw new IOException(json.currentToken() + " where " + token + " belongs");
      }
    }

    private long number(long most) throws IOException {
      long value = json.getLongValue();
      if (value < 0 || value > most) {
        throw new IOException("%s = %d".formatted(json.currentName(), value));
      }
      return value;
    }

    private void countField() throws IOException {
      if (++fields > MOST_FIELDS) {
        throw new IOException("more than " + MOST_FIELDS + " fields");
      }
    }
  }

  /** An object of any kind: section, state and field have members in common. */
  private static final class Body {
    private final Reading reading;
    private final JsonParser json;
    private final int depth;
    private String name = "";
    private String type = "";
    private String stateName = "";
    private long instance;
    private long version;
    private long size;
    private long count = 1;
    private OptionalInt index = OptionalInt.empty();
    private Optional<DescribedState> struct = Optional.empty();
    private boolean own;
    private final List<DescribedField> fields = new ArrayList<>();
    private final List<DescribedState> subsections = new ArrayList<>();

    Body(Reading reading, int depth) throws IOException {
      this.reading = reading;
      this.json = reading.json;
      this.depth = depth;
      if (depth > DEEPEST) {
        throw new IOException("structures nested deeper than " + DEEPEST);
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String member = json.currentName();
        member(member, json.nextToken());
      }
      reading.expect(JsonToken.END_OBJECT);
    }

    private void member(String member, JsonToken value) throws IOException {
      if (value == JsonToken.VALUE_STRING) {
        text(member, json.getText());
      } else if (value == JsonToken.VALUE_NUMBER_INT) {
        number(member);
      } else if (value == JsonToken.START_ARRAY && member.equals("fields")) {
        own = true;
        each(() -> fields.add(new Body(reading, depth + 1).field()));
      } else if (value == JsonToken.START_ARRAY && member.equals("subsections")) {
        each(() -> subsections.add(new Body(reading, depth + 1).state()));
      } else if (value == JsonToken.START_OBJECT && member.equals("struct")) {
        struct = Optional.of(new Body(reading, depth + 1).state());
      } else {
        json.skipChildren();
      }
    }

    private interface Element {
      void read() throws IOException;
    }

    private void each(Element element) throws IOException {
      while (json.nextToken() == JsonToken.START_OBJECT) {
        element.read();
      }
      reading.expect(JsonToken.END_ARRAY);
    }

    private void text(String member, String value) {
      switch (member) {
        case "name" -> name = value;
        case "type" -> type = value;
        case "vmsd_name" -> stateName = value;
        default -> {}
      }
    }

    private void number(String member) throws IOException {
      switch (member) {
        case "instance_id" -> instance = reading.number(0xffff_ffffL);
        case "version" -> version = reading.number(0xffff_ffffL);
        case "size" -> size = reading.number(LONGEST_FIELD);
        case "array_len" -> count = reading.number(MOST_ELEMENTS);
        case "index" -> index = OptionalInt.of((int) reading.number(Integer.MAX_VALUE));
        default -> {}
      }
    }

    DescribedSection section() {
      DescribedState state = state();
      var unused = state.bytes();
      return new DescribedSection(name, (int) instance, state);
    }

    DescribedState state() {
      return new DescribedState(stateName, version, fields, subsections);
    }

    /** Some fields (type "tmp") have their parts in themselves instead of in a structure. */
    DescribedField field() throws IOException {
      reading.countField();
      Optional<DescribedState> inner = own ? Optional.of(state()) : struct;
      return new DescribedField(name, type, size, count, index, inner);
    }
  }
}
