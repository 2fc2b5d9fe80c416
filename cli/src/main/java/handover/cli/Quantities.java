package handover.cli;

import java.util.Locale;

/** Figures for people. */
final class Quantities {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Quantities() {}

  /** Such as {@code 12.5 MiB}. */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** Such as {@code 800 ms}, {@code 2.5 s} or {@code 3 min 20 s}. */
  static String millis(long ms) {
    if (ms < 1000) {
      return ms + " ms";
    }
    return ms < 60_000
        ? String.format(Locale.ROOT, "%.1f s", ms / 1000.0)
        : "%d min %d s".formatted(ms / 60_000, ms / 1000 % 60);
  }
}
