package handover.lab;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Follows a guest's heartbeat over several consoles: no beat may be missing or come twice. */
public final class Heartbeat {
  private final Pattern beat;
  private long lastBeat = -1;
  private long lastUptime = -1;
  private boolean continuous = true;
  private String begun = "";

  /** Understands lines whose groups are the beat's number and the uptime in milliseconds. */
  public Heartbeat(Pattern beat) {
    this.beat = beat;
  }

  /** Takes all that one console printed, the consoles in the order the guest used them. */
  public void take(String console) {
    // A guest may be moved in the middle of a line, which then ends on the next console.
    String text = begun + console;
    int whole = text.lastIndexOf('\n') + 1;
    begun = text.substring(whole);
    Matcher line = beat.matcher(text.substring(0, whole));
    while (line.find()) {
      long number = Long.parseLong(line.group(1));
      long uptime = Long.parseLong(line.group(2));
      continuous &= lastBeat < 0 || (number == lastBeat + 1 && uptime >= lastUptime);
      lastBeat = number;
      lastUptime = uptime;
    }
  }

  /** Whether there were beats, and no gap among them. */
  public boolean continuous() {
    return lastBeat >= 0 && continuous;
  }
}
