package handover.lab.report;

import java.util.Locale;

/** Microseconds as people read them. */
final class Times {
  private Times() {}

  /** With the unit that fits, to three digits. */
  static String of(long micros) {
    if (micros < 1_000) {
      return micros + " µs";
    }
    return micros < 1_000_000 ? digits(micros / 1e3) + " ms" : digits(micros / 1e6) + " s";
  }

  private static String digits(double value) {
    int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A round number of microseconds for an axis. */
  static String tick(long micros) {
    if (micros < 1_000) {
      return micros + " µs";
    }
    return micros < 1_000_000 ? round(micros / 1e3) + " ms" : round(micros / 1e6) + " s";
  }

  private static String round(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
