package handover.diagnosis.stream;

import java.util.Locale;

/** Names and figures for people. What comes from a stream may be anything. */
public final class Text {
  private static final int LONGEST = 256;
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Text() {}

  /** A foreign name, safe to print: control characters as question marks, cut if very long. */
  public static String of(String foreign) {
    String cut = foreign.length() > LONGEST ? foreign.substring(0, LONGEST) + "..." : foreign;
    return cut.codePoints().anyMatch(Character::isISOControl)
        ? cut.replaceAll("\\p{Cntrl}", "?")
        : cut;
  }

  /** A size, such as {@code 12.5 MiB}. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }
}
