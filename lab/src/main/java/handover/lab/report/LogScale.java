package handover.lab.report;

import java.util.ArrayList;
import java.util.List;

/** Maps times to places along a line, each factor of ten to the same length. */
final class LogScale {
  private static final int MOST_LABELS = 9;

  private final double low;
  private final double high;
  private final double from;
  private final double to;

  /**
   * A scale that holds every value.
   *
   * @param least smallest value, microseconds; below 1 counts as 1
   * @param most largest
   * @param from where the line begins
   * @param to where it ends
   */
  LogScale(long least, long most, double from, double to) {
    this.low = Math.log10(roundDown(Math.max(1, least)));
    double top = Math.log10(roundUp(Math.max(1, most)));
    this.high = top > low ? top : low + 1;
    this.from = from;
    this.to = to;
  }

  /** Where a value lies. */
  double at(long micros) {
    double part = (Math.log10((double) Math.max(1, micros)) - low) / (high - low);
    return from + part * (to - from);
  }

  /** Values to draw a line at: 1, 2, 5, 10, 20, ... */
  List<Long> ticks() {
    List<Long> ticks = new ArrayList<>();
    for (long decade = 1; Math.log10((double) decade) <= high + 1e-9; decade *= 10) {
      for (long step : new long[] {1, 2, 5}) {
        double place = Math.log10((double) decade * step);
        if (place >= low - 1e-9 && place <= high + 1e-9) {
          ticks.add(decade * step);
        }
      }
    }
    return ticks;
  }

  /** Whether a tick has room for its value. */
  boolean labelled(long tick) {
    List<Long> all = ticks();
    return all.size() <= MOST_LABELS || Long.toString(tick).startsWith("1");
  }

  private static double roundDown(long value) {
    double decade = Math.pow(10, Math.floor(Math.log10((double) value)));
    double lead = value / decade;
    return decade * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
  }

  private static double roundUp(long value) {
    double decade = Math.pow(10, Math.floor(Math.log10((double) value)));
    double lead = value / decade;
    return decade * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  }
}
