package handover.lab;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Follows a guest's heartbeat over several consoles: no beat may be missing or come twice. */
final class Heartbeat {
  private final Pattern beat;
  private long lastBeat = -1;
  private long lastUptime = -1;
  private boolean continuous = true;

  /** Understands lines whose groups are the beat's number and the uptime in milliseconds. */
  Heartbeat(Pattern beat) {
    this.beat = beat;
  }

  /** Takes all that one console printed, the consoles in the order the guest used them. */
  void take(String console) {
    Matcher line = beat.matcher(console);
    while (line.find()) {
      long number = Long.parseLong(line.group(1));
      long uptime = Long.parseLong(line.group(2));
      continuous &= lastBeat < 0 || (number == lastBeat + 1 && uptime >= lastUptime);
      lastBeat = number;
      lastUptime = uptime;
    }
  }

  /** Whether there were beats, and no gap among them. */
  boolean continuous() {
    return lastBeat >= 0 && continuous;
  }
}
