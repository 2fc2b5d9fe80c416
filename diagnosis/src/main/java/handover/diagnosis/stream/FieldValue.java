package handover.diagnosis.stream;

import java.util.List;

/**
 * A piece of decoded state.
 *
 * @param name what it is called
 * @param type how it is encoded
 * @param offset byte of the stream
 * @param bytes its length
 * @param value in words; empty where the parts say it all
 * @param parts what is inside
 */
public record FieldValue(
    String name, String type, long offset, long bytes, String value, List<FieldValue> parts) {
  /** Copies. */
  public FieldValue {
    parts = List.copyOf(parts);
  }

  /** One without parts. */
  static FieldValue leaf(String name, String type, long offset, long bytes, String value) {
    return new FieldValue(name, type, offset, bytes, value, List.of());
  }
}
