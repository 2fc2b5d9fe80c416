package handover.lab;

/**
 * One measured move of an experiment.
 *
 * @param number within its configuration, from 1
 * @param device the network device's share
 */
public record DowntimeRun(Configuration configuration, int number, Move move, Move.Device device) {

  /** Picks the network device out of the move. */
  static DowntimeRun of(Configuration configuration, int number, Move move) {
    return new DowntimeRun(
        configuration,
        number,
        move,
        move.devices().stream()
            .filter(d -> d.id().contains("virtio-net"))
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("the move reports no network device: " + move)));
  }

  /** What was measured. */
  public enum Measure {
    /** Save, sending, load and commit of the network device. */
    DEVICE(
        "deviceBlackoutUs",
        "Network device's share of the blackout",
        "Its save and sending on the source, load and commit on the destination, while the guest is stopped"),
    /** From the guest's stop to its start. */
    VM(
        "vmDowntimeUs",
        "Whole-VM downtime",
        "From the guest's stop on the source until it runs on the destination"),
    /** Longest silence on the wire. */
    WIRE(
        "wireBlackoutUs",
        "Blackout on the wire",
        "Longest silence between two answers that a peer on the guest's network saw");

    private final String member;
    private final String title;
    private final String description;

    Measure(String member, String title, String description) {
      this.member = member;
      this.title = title;
      this.description = description;
    }

    /** Name in {@code summary.json}. */
    public String member() {
      return member;
    }

    /** For people. */
    public String title() {
      return title;
    }

    /** What exactly it is. */
    public String description() {
      return description;
    }
  }

  /** One of the measurements, in microseconds. */
  public long micros(Measure measure) {
    return switch (measure) {
      case DEVICE -> device.blackout();
      case VM -> move.downtime();
      case WIRE -> move.blackout();
    };
  }
}
