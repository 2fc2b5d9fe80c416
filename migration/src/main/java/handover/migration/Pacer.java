package handover.migration;

import java.util.function.LongSupplier;

/** Keeps sending under a limit that may change at any time. */
final class Pacer {
  private static final long WINDOW_NANOS = 100_000_000L;
  private static final long CHUNK = 2 << 20;
  private static final long SMALLEST_CHUNK = 64 << 10;

  private final LongSupplier bytesPerSecond;
  private final LongSupplier nanoTime;
  private long windowStart;
  private long windowBytes;

  /**
   * Begins a window.
   *
   * @param bytesPerSecond the limit; 0: none
   * @param nanoTime the clock
   */
  Pacer(LongSupplier bytesPerSecond, LongSupplier nanoTime) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.windowStart = nanoTime.getAsLong();
  }

  /** How much to send before asking {@link #pauseNanos}: a twentieth of a second's worth. */
  long chunk() {
    long limit = bytesPerSecond.getAsLong();
    return limit == 0 ? CHUNK : Math.clamp(limit / 20, SMALLEST_CHUNK, CHUNK);
  }

  /** Notes what was sent. */
  void sent(long bytes) {
    windowBytes += bytes;
  }

  /** How long to wait before sending on; 0: not at all. Ask again after waiting. */
  long pauseNanos() {
    long limit = bytesPerSecond.getAsLong();
    long elapsed = nanoTime.getAsLong() - windowStart;
    long due = limit == 0 ? 0 : (long) ((double) windowBytes / limit * 1e9);
    if (due > elapsed) {
      return due - elapsed;
    }
    if (elapsed > WINDOW_NANOS) {
      windowStart = nanoTime.getAsLong();
      windowBytes = 0;
    }
    return 0;
  }
}
