package handover.diagnosis.stream;

/**
 * Something about a stream that a destination minds, or might.
 *
 * @param offset byte of the stream
 * @param effect what becomes of it
 * @param device section or other part of the stream
 * @param field what in it; may be empty
 * @param reason expectation, finding, what to do
 */
public record Finding(long offset, Effect effect, String device, String field, String reason) {
  /** What the destination does. */
  public enum Effect {
    /** It stops reading here. */
    REJECTED,
    /** It may: the destination's side of the matter cannot be seen from outside. */
    DOUBTFUL,
    /** It reads on; the guest sees a difference. */
    ACCEPTED
  }

  /** One line. */
  public String line() {
    return "%s at byte %d (0x%x), %s%s: %s"
        .formatted(
            effect.name().toLowerCase(java.util.Locale.ROOT),
            offset,
            offset,
            Text.of(device),
            field.isEmpty() ? "" : ", " + Text.of(field),
            Text.of(reason));
  }
}
