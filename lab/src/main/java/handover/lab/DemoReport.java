package handover.lab;

import handover.monitor.json.Json;
import java.util.List;
import java.util.Optional;

/**
 * What a demo showed. Times are microseconds, as in the JSON form.
 *
 * @param guest which guest
 * @param moved whether every move succeeded
 * @param moves the moves that were measured, in order
 * @param memoryDigestEqual whether all of RAM had the same digest on both sides while stopped
 * @param uptimeContinuous whether the guest's heartbeat went on with no beat missed or repeated
 * @param tcp the TCP connection held across all moves, for a guest that speaks it
 * @param words why it ended as it did, if it did not end well
 */
public record DemoReport(
    String guest,
    boolean moved,
    List<Move> moves,
    boolean memoryDigestEqual,
    boolean uptimeContinuous,
    Optional<TcpConversation.Report> tcp,
    List<String> words) {

  /**
   * One move.
   *
   * @param blackout longest silence the probe saw, microseconds
   * @param detail {@code x-handover} of the source's {@code query-migrate}
   */
  public record Move(
      String name,
      long totalTime,
      long setupTime,
      long downtime,
      long blackout,
      long rounds,
      long ramTransferred,
      long ramTotal,
      Wire probe,
      List<Device> devices,
      Json.Obj detail) {

    static Move of(String name, Json.Obj source, ProbeReport probe) {
      Json.Obj detail = source.object("x-handover").orElse(Json.Obj.EMPTY);
      Json.Obj ram = source.object("ram").orElse(Json.Obj.EMPTY);
      return new Move(
          name,
          detail.whole("total-time").orElse(0),
          detail.whole("setup-time").orElse(0),
          detail.whole("downtime").orElse(0),
          probe.blackoutMicros(),
          ram.whole("dirty-sync-count").orElse(0),
          ram.whole("transferred").orElse(0),
          ram.whole("total").orElse(0),
          new Wire(probe.sent(), probe.received(), probe.lost(), probe.duplicated()),
          detail.array("devices").stream().map(d -> Device.of((Json.Obj) d)).toList(),
          detail);
    }

    private Json json() {
      return Json.object()
          .with("totalTime", totalTime)
          .with("setupTime", setupTime)
          .with("downtime", downtime)
          .with("blackout", blackout)
          .with("rounds", rounds)
          .with("ramTransferred", ramTransferred)
          .with("ramTotal", ramTotal)
          .with(
              "probe",
              Json.object()
                  .with("sent", probe.sent())
                  .with("received", probe.received())
                  .with("lost", probe.lost())
                  .with("duplicated", probe.duplicated())
                  .build())
          .with("devices", Json.of(devices.stream().map(Device::json).toList()))
          .with("destinationDowntime", detail.whole("destination-downtime").orElse(0))
          .with("carriedFrames", detail.whole("carried-frames").orElse(0))
          .with("spans", Json.of(detail.array("spans")))
          .with("jvm", Json.of(detail.array("jvm")))
          .build();
    }
  }

  /** What the probe counted during a move. */
  public record Wire(long sent, long received, long lost, long duplicated) {}

  /** One device's share of a move; bytes, microseconds. */
  public record Device(
      String id, boolean iterative, long earlyBytes, long finalBytes, long save, long load) {
    private static Device of(Json.Obj device) {
      return new Device(
          device.text("id").orElse(""),
          device.flag("iterative").orElse(false),
          device.whole("early-bytes").orElse(0),
          device.whole("final-bytes").orElse(0),
          device.whole("save").orElse(0),
          device.whole("load").orElse(0));
    }

    private Json json() {
      return Json.object()
          .with("id", id)
          .with("iterative", iterative)
          .with("earlyBytes", earlyBytes)
          .with("finalBytes", finalBytes)
          .with("save", save)
          .with("load", load)
          .build();
    }
  }

  /** Whether everything is as it should be. */
  public boolean good() {
    return moved
        && memoryDigestEqual
        && uptimeContinuous
        && tcp.map(t -> t.status() == TcpConversation.Status.TALKING).orElse(true);
  }

  /** The JSON form. */
  public Json.Obj json() {
    Json.Builder report =
        Json.object()
            .with("guest", guest)
            .with("verdict", moved ? "moved" : "stayed")
            .with("moves", Json.of(moves.stream().map(Move::json).toList()))
            .with("guestMemoryDigestEqual", memoryDigestEqual)
            .with("guestUptimeContinuous", uptimeContinuous)
            .with("words", Json.of(words.stream().map(Json::of).toList()));
    tcp.ifPresent(
        t ->
            report.with(
                "tcp",
                Json.object()
                    .with("survived", t.status() == TcpConversation.Status.TALKING)
                    .with("linesEchoed", t.linesEchoed())
                    .with("retransmissions", t.retransmissions())
                    .with("longestRoundTrip", t.longestRoundTripMicros())
                    .build()));
    return report.build();
  }
}
