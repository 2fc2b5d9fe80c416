package handover.vmstate;

/**
 * How a section begins: type byte, u32 section id, and for START and FULL also counted id string,
 * u32 instance id, u32 version. A footer byte and the section id end it.
 *
 * @param type one of {@link StreamFormat}'s {@code SECTION_} values
 * @param id number that PART, END and the footer repeat
 * @param name id string; empty for PART and END
 * @param instanceId 0 for PART and END
 * @param version 0 for PART and END
 */
public record SectionHeader(int type, int id, String name, int instanceId, int version) {

  /** A PART or END header. */
  public static SectionHeader continuing(int type, int id) {
    return new SectionHeader(type, id, "", 0, 0);
  }

  /** Appends the header. */
  public void write(WireWriter out) {
    out.u8(type);
    out.u32(id);
    if (named(type)) {
      out.counted(name);
      out.u32(instanceId);
      out.u32(version);
    }
  }

  /** Reads what follows the type byte, which the caller has read. */
  public static SectionHeader read(int type, WireReader in) {
    int id = in.u32();
    return named(type)
        ? new SectionHeader(type, id, in.counted(), in.u32(), in.u32())
        : continuing(type, id);
  }

  /** Appends the footer that ends this section. */
  public void writeFooter(WireWriter out) {
    out.u8(StreamFormat.SECTION_FOOTER);
    out.u32(id);
  }

  /** Reads and checks the footer. */
  public void readFooter(WireReader in) {
    int marker = in.u8();
    if (marker == StreamFormat.SUBSECTION) {
      throw in.malformed("the end of the section", "subsection '" + in.counted() + "'");
    }
    if (marker != StreamFormat.SECTION_FOOTER) {
      throw in.malformed(
          "footer 0x7e: both sides must hold the same fields", "0x%02x".formatted(marker));
    }
    int found = in.u32();
    if (found != id) {
      throw in.malformed("footer of section " + id, "section " + Integer.toUnsignedString(found));
    }
  }

  /** How people and reports call a section: its name, with {@code #n} unless instance 0. */
  public static String label(String name, int instanceId) {
    return instanceId == 0 ? name : name + "#" + Integer.toUnsignedString(instanceId);
  }

  private static boolean named(int type) {
    return type == StreamFormat.SECTION_START || type == StreamFormat.SECTION_FULL;
  }
}
