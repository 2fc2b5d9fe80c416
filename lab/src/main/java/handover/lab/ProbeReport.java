package handover.lab;

import org.HdrHistogram.Histogram;

/**
 * What a peer on the wire saw of the guest over some time. Times are in nanoseconds.
 *
 * @param name of the window, or {@code total}
 * @param began when, on the probe's clock
 * @param duration how long so far, or until the window was closed
 * @param sent probes sent
 * @param received of those, answered at least once
 * @param lost of those, not answered within the grace period, nor so far
 * @param duplicated further answers to probes answered already
 * @param reordered answers that came after the answer to a later probe (RFC 4737)
 * @param longestGap longest silence between answers that overlaps with the window: the blackout;
 *     the silence that lasts as the report is made counts, one before the first answer ever does
 *     not
 * @param longestGapBegan when it began, relative to {@code began}; negative if before it
 * @param longestSendGap longest time between two probes sent: what the measurement cannot see
 * @param roundTrips of the probes sent in the window, to their first answer
 */
public record ProbeReport(
    String name,
    long began,
    long duration,
    long sent,
    long received,
    long lost,
    long duplicated,
    long reordered,
    long longestGap,
    long longestGapBegan,
    long longestSendGap,
    Histogram roundTrips) {

  /** The longest silence in whole microseconds. */
  public long blackoutMicros() {
    return longestGap / 1000;
  }
}
