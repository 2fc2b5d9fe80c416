package handover.diagnosis.stream;

import handover.vmstate.SectionHeader;
import java.util.List;

/** One thing that stands at a section boundary of a stream. */
public sealed interface StreamItem {
  /** Byte of the stream it begins at. */
  long offset();

  /** Bytes it takes, header and footer included. */
  long bytes();

  /**
   * A section, or a run of PARTs of one section with nothing but other PARTs between them.
   *
   * @param header how it begins; the name of a PART or END is its START's
   * @param payload where its payload begins
   * @param payloadBytes the payload's length, of all PARTs together
   * @param parts how many PARTs; 1 for others
   */
  record Section(
      long offset, long bytes, SectionHeader header, long payload, long payloadBytes, long parts)
      implements StreamItem {
    /** Name and instance. */
    public String label() {
      return SectionHeader.label(header.name(), header.instanceId());
    }

    Section and(Section next) {
      return new Section(
          offset,
          bytes + next.bytes,
          header,
          payload,
          payloadBytes + next.payloadBytes,
          parts + next.parts);
    }
  }

  /**
   * A command to the destination.
   *
   * @param name QEMU's name for it, or ours
   * @param detail its payload in words; may be empty
   * @param groups of an iterative device's fields, where it brings any
   */
  record Command(long offset, long bytes, String name, String detail, List<FieldValue> groups)
      implements StreamItem {
    /** Copies. */
    public Command {
      groups = List.copyOf(groups);
    }
  }

  /** The end of state: one zero byte. */
  record End(long offset) implements StreamItem {
    @Override
    public long bytes() {
      return 1;
    }
  }

  /** The JSON description. */
  record Description(long offset, long bytes) implements StreamItem {}
}
