package handover.migration;

import java.util.Arrays;
import java.util.Optional;

/** Migration parameters: declared here, offered by QMP, HMP, command line and help alike. */
public enum Parameter {
  DOWNTIME_LIMIT("downtime-limit", "ms", 300, 1, 2_000_000, "Longest downtime aimed at."),
  MAX_BANDWIDTH(
      "max-bandwidth", "bytes/s", 0, 0, Long.MAX_VALUE, "Ceiling while the guest runs; 0: none."),
  ANNOUNCE_INITIAL("announce-initial", "ms", 50, 0, 100_000, "Wait before the second announce."),
  ANNOUNCE_MAX("announce-max", "ms", 550, 0, 100_000, "Longest wait between announces."),
  ANNOUNCE_ROUNDS("announce-rounds", "", 5, 0, 1_000, "Announces sent after a move."),
  ANNOUNCE_STEP("announce-step", "ms", 100, 1, 10_000, "Added to the wait each time."),
  X_SWITCHOVER_ACK_TIMEOUT(
      "x-switchover-ack-timeout",
      "ms",
      2_000,
      0,
      600_000,
      "Longest wait for iterative acknowledgements; then devices go classic."),
  X_CARRY_FRAMES_TIME(
      "x-carry-frames-time",
      "ms",
      300,
      0,
      10_000,
      "Longest time in which frames that still reach the source follow the guest."),
  X_REHEARSE_MOVES(
      "x-rehearse-moves",
      "",
      250,
      1,
      10_000,
      "Most moves rehearsed, the first time in a process; 1 only loads classes."),
  X_REHEARSE_TIME(
      "x-rehearse-time",
      "ms",
      5_000,
      0,
      600_000,
      "Longest wait for both sides to have rehearsed the switchover."),
  X_READY_TIME(
      "x-ready-time",
      "ms",
      Long.getLong("handover.ready.time", 1_000),
      0,
      10_000,
      "Longest wait, before listening, for the code that takes memory in to be compiled; 0: it is not."),
  X_CHANNEL_TIMEOUT(
      "x-channel-timeout", "ms", 10_000, 100, 600_000, "Silence after which a peer is gone.");

  private final String wireName;
  private final String unit;
  private final long initially;
  private final long minimum;
  private final long maximum;
  private final String description;

  Parameter(String wireName, String unit, long initially, long minimum, long maximum, String text) {
    this.wireName = wireName;
    this.unit = unit;
    this.initially = initially;
    this.minimum = minimum;
    this.maximum = maximum;
    this.description = text;
  }

  /** Name in QMP and HMP. */
  public String wireName() {
    return wireName;
  }

  /** Unit in words; empty for a count. */
  public String unit() {
    return unit;
  }

  /** Value at start-up. */
  public long initially() {
    return initially;
  }

  /** Smallest value accepted. */
  public long minimum() {
    return minimum;
  }

  /** Largest value accepted. */
  public long maximum() {
    return maximum;
  }

  /** One sentence for help. */
  public String description() {
    return description;
  }

  /** Finds by {@link #wireName}. */
  public static Optional<Parameter> named(String name) {
    return Arrays.stream(values()).filter(p -> p.wireName.equals(name)).findFirst();
  }
}
