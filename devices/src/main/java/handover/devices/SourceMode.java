package handover.devices;

/** What a source of an {@link Aplic} takes for an interrupt (AIA 1.0, table 4.2), by its number. */
enum SourceMode {
  INACTIVE,
  DETACHED,
  RESERVED_2,
  RESERVED_3,
  RISING,
  FALLING,
  HIGH,
  LOW;

  private static final SourceMode[] ALL = values();

  /** The mode of a number; what is reserved is inactive. */
  static SourceMode of(int number) {
    SourceMode mode = ALL[number];
    return mode == RESERVED_2 || mode == RESERVED_3 ? INACTIVE : mode;
  }

  boolean active() {
    return this != INACTIVE;
  }

  boolean edge() {
    return this == RISING || this == FALLING;
  }

  boolean level() {
    return this == HIGH || this == LOW;
  }

  /** The input after inversion; a source without a wire has none. */
  boolean rectified(boolean level) {
    return switch (this) {
      case RISING, HIGH -> level;
      case FALLING, LOW -> !level;
      default -> false;
    };
  }
}
