package handover.monitor.json;

/** Text that is not JSON, or more of it than is accepted. */
public final class JsonSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says what was expected and found. */
  public JsonSyntaxException(String message) {
    super(message);
  }
}
