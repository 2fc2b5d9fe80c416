package handover.lab;

/** A part of one device's share of the blackout that {@code query-migrate} times. In order. */
public enum Phase {
  /** Snapshot and encoding on the source. */
  SAVE("save", "save on the source"),
  /** Putting it on its way. */
  SEND("send", "send"),
  /** Decoding and digest on the destination. */
  LOAD("load", "decode and check on the destination"),
  /** Making the device what was loaded. */
  COMMIT("commit", "commit");

  private final String member;
  private final String description;

  Phase(String member, String description) {
    this.member = member;
    this.description = description;
  }

  /** Name in {@code query-migrate} and in reports. */
  public String member() {
    return member;
  }

  /** A few words for a legend. */
  public String description() {
    return description;
  }
}
