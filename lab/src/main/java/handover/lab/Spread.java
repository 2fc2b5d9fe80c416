package handover.lab;

import handover.monitor.json.Json;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Measurements, sorted. Percentiles are nearest ranks: values that were measured. The median of an
 * even number lies between the two in the middle.
 */
public final class Spread {
  private final long[] sorted;

  private Spread(long[] sorted) {
    this.sorted = sorted;
  }

  /** Of at least one value. */
  public static Spread of(LongStream values) {
    long[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no measurements");
    }
    return new Spread(sorted);
  }

  /** The middle, rounded down. */
  public long median() {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /**
   * The smallest value that {@code percent} of all do not exceed.
   *
   * @param percent 0 to 100
   */
  public long percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.clamp(rank, 1, sorted.length) - 1];
  }

  /** All of them, ascending. */
  public LongStream values() {
    return Arrays.stream(sorted);
  }

  Json json() {
    return Json.object().with("median", median()).with("p99", percentile(99)).build();
  }
}
