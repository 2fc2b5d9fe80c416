package handover.monitor.client;

/** The peer refused or failed a QMP command. */
public final class QmpErrorException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String errorClass;

  QmpErrorException(String errorClass, String description) {
    super(description);
    this.errorClass = errorClass;
  }

  /** QMP's error class, such as {@code GenericError} or {@code CommandNotFound}. */
  public String errorClass() {
    return errorClass;
  }
}
