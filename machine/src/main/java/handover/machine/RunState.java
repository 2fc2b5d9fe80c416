package handover.machine;

import java.util.Locale;

/** What a machine is doing, by QEMU's names. */
public enum RunState {
  PRELAUNCH,
  INMIGRATE,
  RUNNING,
  PAUSED,
  FINISH_MIGRATE,
  POSTMIGRATE,
  SHUTDOWN,
  INTERNAL_ERROR;

  /** Name in QMP. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
