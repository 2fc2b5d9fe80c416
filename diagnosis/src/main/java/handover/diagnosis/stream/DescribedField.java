package handover.diagnosis.stream;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A field as the description tells it.
 *
 * @param name QEMU's name for it
 * @param type QEMU's name for its encoding
 * @param size bytes of one element
 * @param count elements; 1 if it is no array
 * @param index which element of an array this is, where elements are described one by one
 * @param struct what is inside, if it is a structure
 */
public record DescribedField(
    String name,
    String type,
    long size,
    long count,
    OptionalInt index,
    Optional<DescribedState> struct) {
  /** Bytes on the wire. */
  public long bytes() {
    return size * count;
  }

  /** The name, with the index where there is one. */
  public String label() {
    return index.isPresent() ? name + "[" + index.getAsInt() + "]" : name;
  }
}
