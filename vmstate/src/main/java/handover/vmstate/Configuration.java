package handover.vmstate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * The CONFIGURATION section: what must agree before QEMU reads on.
 *
 * @param machine machine name
 * @param capabilities validated capabilities that are on
 * @param pageBits log2 of the target page size, sent only when it is not the usual one
 * @param uuid the guest's UUID, when its validation is asked for
 */
public record Configuration(
    String machine, List<String> capabilities, OptionalInt pageBits, Optional<UUID> uuid) {
  private static final int LONGEST_NAME = 256;
  private static final int MOST_CAPABILITIES = 256;
  private static final String CAPABILITIES = "configuration/capabilities";
  private static final String PAGE_BITS = "configuration/target-page-bits";
  private static final String UUID_NAME = "configuration/uuid";

  /** Copies the list. */
  public Configuration {
    capabilities = List.copyOf(capabilities);
  }

  /** The usual one: a machine name and nothing else. */
  public static Configuration of(String machine) {
    return new Configuration(machine, List.of(), OptionalInt.empty(), Optional.empty());
  }

  /** Appends magic, version and this section: everything a stream begins with. */
  public void writeHeader(WireWriter out) {
    out.u32(StreamFormat.MAGIC);
    out.u32(StreamFormat.VERSION);
    out.u8(StreamFormat.CONFIGURATION);
    byte[] name = machine.getBytes(StandardCharsets.UTF_8);
    out.u32(name.length);
    out.bytes(name);
    if (pageBits.isPresent()) {
      Subsections.begin(out, PAGE_BITS, 1);
      out.u32(pageBits.getAsInt());
    }
    if (!capabilities.isEmpty()) {
      Subsections.begin(out, CAPABILITIES, 1);
      out.u32(capabilities.size());
      capabilities.forEach(out::counted);
    }
    uuid.ifPresent(
        u -> {
          Subsections.begin(out, UUID_NAME, 1);
          out.u64(u.getMostSignificantBits());
          out.u64(u.getLeastSignificantBits());
        });
  }

  /** Reads magic, version and the section. */
  public static Configuration readHeader(WireReader in) {
    in.enter("stream header");
    expect(in, "magic \"QEVM\" of a migration stream", StreamFormat.MAGIC, in.u32());
    expect(in, "stream version 3", StreamFormat.VERSION, in.u32());
    in.enter("configuration");
    int type = in.u8();
    if (type != StreamFormat.CONFIGURATION) {
      throw in.malformed("a CONFIGURATION section (0x07)", "0x%02x".formatted(type));
    }
    int length = in.u32();
    if (length < 1 || length > LONGEST_NAME) {
      throw in.malformed(
          "a machine name of 1 to 256 bytes", Integer.toUnsignedString(length) + " bytes");
    }
    String machine = new String(in.bytes(length), StandardCharsets.UTF_8);
    return new Reading(machine).subsections(in);
  }

  private static void expect(WireReader in, String what, int wanted, int found) {
    if (wanted != found) {
      throw in.malformed(what, "0x%08x".formatted(found));
    }
  }

  /** Collects subsections, which may come in any order. */
  private static final class Reading {
    private final String machine;
    private List<String> capabilities = List.of();
    private OptionalInt pageBits = OptionalInt.empty();
    private Optional<UUID> uuid = Optional.empty();

    Reading(String machine) {
      this.machine = machine;
    }

    Configuration subsections(WireReader in) {
      while (in.peek() == StreamFormat.SUBSECTION) {
        in.u8();
        subsection(in, in.counted());
      }
      return new Configuration(machine, capabilities, pageBits, uuid);
    }

    private void subsection(WireReader in, String name) {
      int version = in.u32();
      if (version != 1) {
        throw in.malformed("version 1 of " + name, Integer.toUnsignedString(version));
      }
      switch (name) {
        case PAGE_BITS -> pageBits = OptionalInt.of(in.u32());
        case UUID_NAME -> uuid = Optional.of(new UUID(in.u64(), in.u64()));
        case CAPABILITIES -> capabilities = names(in);
        default -> throw in.malformed("a known subsection", "'" + name + "'");
      }
    }

    private static List<String> names(WireReader in) {
      int count = in.u32();
      if (count < 0 || count > MOST_CAPABILITIES) {
        throw in.malformed("at most 256 capabilities", Integer.toUnsignedString(count));
      }
      List<String> names = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        names.add(in.counted());
      }
      return names;
    }
  }
}
