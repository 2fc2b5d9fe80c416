package handover.diagnosis.stream;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Fields and subsections as the description tells them.
 *
 * @param name QEMU's name for this kind of state; empty for state from before there were names
 * @param version of the fields
 * @param fields in wire order
 * @param subsections behind the fields
 */
public record DescribedState(
    String name, long version, List<DescribedField> fields, List<DescribedState> subsections) {
  /** Copies. */
  public DescribedState {
    fields = List.copyOf(fields);
    subsections = List.copyOf(subsections);
  }

  /** Bytes on the wire. */
  public long bytes() {
    long bytes = 0;
    for (DescribedField field : fields) {
      bytes = Math.addExact(bytes, Math.multiplyExact(field.size(), field.count()));
    }
    for (DescribedState sub : subsections) {
      bytes = Math.addExact(bytes, sub.headBytes() + sub.bytes());
    }
    return bytes;
  }

  /** Bytes of the marker, name and version that begin this as a subsection. */
  long headBytes() {
    return 1 + 1 + name.getBytes(StandardCharsets.UTF_8).length + 4L;
  }
}
