package handover.lab;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What is made warm before the guest stops. */
public enum Warmth {
  /** Nothing: code runs for the first time in the blackout. */
  NONE("none", false),
  /** Both sides rehearse saving and loading while memory flows. */
  REHEARSE("rehearse", true);

  private final String label;
  private final boolean rehearse;

  Warmth(String label, boolean rehearse) {
    this.label = label;
    this.rehearse = rehearse;
  }

  /** What {@code --warm} calls it. */
  public String label() {
    return label;
  }

  /** Finds by {@link #label}. */
  public static Optional<Warmth> named(String label) {
    return Arrays.stream(values()).filter(w -> w.label.equals(label)).findFirst();
  }

  /** Migration capabilities that make it so, on both sides. */
  Map<String, Boolean> capabilities() {
    return Map.of("x-rehearse", rehearse);
  }
}
