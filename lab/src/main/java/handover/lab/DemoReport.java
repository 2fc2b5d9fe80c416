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
