package handover.monitor.qmp;

import handover.monitor.json.Json;

/** A command that failed, with one of QMP's error classes. */
public final class QmpException extends Exception {
  private static final long serialVersionUID = 1L;

  /** QMP's error classes; clients are told to look only at the ones that are not generic. */
  public enum ErrorClass {
    /** Anything else. */
    GENERIC("GenericError"),
    /** No such command, or not now. */
    COMMAND_NOT_FOUND("CommandNotFound"),
    /** No such device. */
    DEVICE_NOT_FOUND("DeviceNotFound");

    private final String wireName;

    ErrorClass(String wireName) {
      this.wireName = wireName;
    }

    /** Name in QMP. */
    public String wireName() {
      return wireName;
    }
  }

  private final ErrorClass errorClass;

  /** Of the given class. */
  public QmpException(ErrorClass errorClass, String description) {
    super(description);
    this.errorClass = errorClass;
  }

  /** A GenericError. */
  public static QmpException generic(String description) {
    return new QmpException(ErrorClass.GENERIC, description);
  }

  /** Its class. */
  public ErrorClass errorClass() {
    return errorClass;
  }

  /** As a QMP error object. */
  Json.Obj toJson() {
    return Json.object().with("class", errorClass.wireName()).with("desc", getMessage()).build();
  }
}
