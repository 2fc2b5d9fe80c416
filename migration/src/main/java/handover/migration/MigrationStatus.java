package handover.migration;

import java.util.Locale;

/** States of a migration, by QEMU's names. */
public enum MigrationStatus {
  NONE,
  SETUP,
  ACTIVE,
  DEVICE,
  CANCELLING,
  CANCELLED,
  COMPLETED,
  FAILED;

  /** Name in QMP. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether nothing more will happen. */
  public boolean ended() {
    return this == NONE || this == CANCELLED || this == COMPLETED || this == FAILED;
  }
}
