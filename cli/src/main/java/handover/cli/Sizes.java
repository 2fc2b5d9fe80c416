package handover.cli;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as QEMU takes them: a number and one of {@code K M G T}, powers of 1024. */
final class Sizes {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([bBkKmMgGtT]?)");

  private Sizes() {}

  /**
   * Bytes.
   *
   * @param unit assumed when none is given
   * @return empty if that is no size
   */
  static OptionalLong parse(String text, char unit) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    String suffix = matcher.group(2).isEmpty() ? "" + unit : matcher.group(2);
    int shift = 10 * "BKMGT".indexOf(suffix.toUpperCase(Locale.ROOT));
    long number = Long.parseLong(matcher.group(1));
    boolean fits = number <= Long.MAX_VALUE >> shift;
    return fits ? OptionalLong.of(number << shift) : OptionalLong.empty();
  }
}
