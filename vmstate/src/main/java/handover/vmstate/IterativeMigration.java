package handover.vmstate;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a device's {@code iterative-mig} property asks for. */
public enum IterativeMigration {
  /** Always the classic single section. */
  OFF,
  /** Early when the other side agrees, classic otherwise. */
  AUTO,
  /** Early, or the migration is refused before anything moves. */
  ON;

  /** The property value's name. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Finds by {@link #wireName}. */
  public static Optional<IterativeMigration> named(String name) {
    return Arrays.stream(values()).filter(m -> m.wireName().equals(name)).findFirst();
  }
}
