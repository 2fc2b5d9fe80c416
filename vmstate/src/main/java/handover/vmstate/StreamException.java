package handover.vmstate;

/** A migration stream, or a piece of state in it, that cannot be accepted. The text says why. */
public final class StreamException extends RuntimeException {
  /** A complaint in words: expected, found, where, what to do. */
  public StreamException(String message) {
    super(message);
  }

  /** A complaint with the failure below it. */
  public StreamException(String message, Throwable cause) {
    super(message, cause);
  }
}
