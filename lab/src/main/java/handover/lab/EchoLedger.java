package handover.lab;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Accounts for numbered probes and their answers: pure arithmetic on times it is told.
 *
 * <p>Remembers the last {@value #REMEMBERED} probes; an answer to an older one is not believed.
 * Probes are sent in order of number, from 0. Thread-safe.
 */
final class EchoLedger {
  static final int REMEMBERED = 1 << 17;

  private static final long NEVER = Long.MIN_VALUE;
  private static final long LONGEST_ROUND_TRIP = 3_600_000_000_000L;

  private final long grace;
  private final long[] sentAt = new long[REMEMBERED];
  private final boolean[] answered = new boolean[REMEMBERED];
  private final List<Window> windows = new ArrayList<>();
  private final Window total;
  private long next;
  private long newestAnswered = -1;
  private long lastSent = NEVER;
  private long lastAnswer = NEVER;

  /**
   * An empty ledger.
   *
   * @param grace nanoseconds after which an unanswered probe is lost
   * @param now the time
   */
  EchoLedger(long grace, long now) {
    this.grace = grace;
    this.total = new Window("total", now);
    windows.add(total);
  }

  /** Notes that a probe is sent; returns its number. */
  synchronized long send(long now) {
    long number = next++;
    sentAt[slot(number)] = now;
    answered[slot(number)] = false;
    for (Window window : windows) {
      if (window.open()) {
        window.sent++;
        window.sendGap(lastSent, now);
      }
    }
    lastSent = now;
    return number;
  }

  /** Notes an answer; false if there was no such probe. */
  synchronized boolean answer(long number, long now) {
    if (number < 0 || number >= next || number < next - REMEMBERED) {
      return false;
    }
    boolean duplicate = answered[slot(number)];
    boolean late = !duplicate && number < newestAnswered;
    answered[slot(number)] = true;
    newestAnswered = Math.max(newestAnswered, number);
    for (Window window : windows) {
      window.gap(lastAnswer, now);
      if (window.holds(number)) {
        window.count(duplicate, late, now - sentAt[slot(number)]);
      }
    }
    lastAnswer = now;
    return true;
  }

  /** The number that the next probe will have. */
  synchronized long next() {
    return next;
  }

  /** Number of the latest probe that was answered, or -1. */
  synchronized long newestAnswered() {
    return newestAnswered;
  }

  /** Begins a window. */
  synchronized Window open(String name, long now) {
    Window window = new Window(name, now);
    windows.add(window);
    return window;
  }

  /** The window over everything. */
  Window total() {
    return total;
  }

  private static int slot(long number) {
    return (int) number & REMEMBERED - 1;
  }

  /** Counts of one stretch of time. */
  final class Window {
    private static final long OPEN = Long.MAX_VALUE;

    private final String name;
    private final long began;
    private final long first;
    private final Histogram roundTrips = new Histogram(LONGEST_ROUND_TRIP, 3);
    private long ended = OPEN;
    private long end = OPEN;
    private long sent;
    private long received;
    private long duplicated;
    private long reordered;
    private long longestGap;
    private long longestGapBegan;
    private long longestSendGap;

    private Window(String name, long now) {
      this.name = name;
      this.began = now;
      this.first = next;
    }

    /** Probes answered so far. */
    long received() {
      synchronized (EchoLedger.this) {
        return received;
      }
    }

    /** Ends it. */
    void close(long now) {
      synchronized (EchoLedger.this) {
        if (open()) {
          ended = now;
          end = next;
        }
      }
    }

    /** What was seen up to {@code now}. */
    ProbeReport report(long now) {
      synchronized (EchoLedger.this) {
        long until = Math.min(now, ended);
        long gap = longestGap;
        long gapBegan = longestGapBegan;
        if (silent(now) > gap) {
          gap = silent(now);
          gapBegan = lastAnswer;
        }
        return new ProbeReport(
            name,
            began,
            until - began,
            sent,
            received,
            sent - received - waiting(now),
            duplicated,
            reordered,
            gap,
            gap == 0 ? 0 : gapBegan - began,
            longestSendGap,
            roundTrips.copy());
      }
    }

    private boolean open() {
      return ended == OPEN;
    }

    private boolean holds(long number) {
      return number >= first && number < end;
    }

    private void count(boolean duplicate, boolean late, long roundTrip) {
      if (duplicate) {
        duplicated++;
        return;
      }
      received++;
      reordered += late ? 1 : 0;
      roundTrips.recordValue(Math.clamp(roundTrip, 0, LONGEST_ROUND_TRIP));
    }

    private void gap(long from, long to) {
      if (from != NEVER && to > began && from < ended && to - from > longestGap) {
        longestGap = to - from;
        longestGapBegan = from;
      }
    }

    private void sendGap(long from, long to) {
      if (from != NEVER) {
        longestSendGap = Math.max(longestSendGap, to - from);
      }
    }

    /** How long the silence has lasted that overlaps with this window. */
    private long silent(long now) {
      boolean overlaps = lastAnswer != NEVER && now > began && lastAnswer < ended;
      return overlaps ? now - lastAnswer : 0;
    }

    /** Probes of this window not answered yet for which it is too early to say. */
    private long waiting(long now) {
      long count = 0;
      long oldest = Math.max(first, next - REMEMBERED);
      for (long n = Math.min(end, next) - 1; n >= oldest; n--) {
        if (now - sentAt[slot(n)] > grace) {
          break;
        }
        count += answered[slot(n)] ? 0 : 1;
      }
      return count;
    }
  }
}
