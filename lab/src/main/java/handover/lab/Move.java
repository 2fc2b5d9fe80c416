package handover.lab;

import handover.monitor.json.Json;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One move, as the source's {@code query-migrate} and the probe tell. Times are microseconds.
 *
 * @param blackout longest silence the probe saw
 * @param devices in section order
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

  /** What the probe counted during a move. */
  public record Wire(long sent, long received, long lost, long duplicated) {}

  /**
   * One device's share of a move.
   *
   * @param phases microseconds by phase; a phase that was not reported is absent
   * @param backEnd microseconds in the blackout by line of the back end's budget; empty for a
   *     device that has no back end to set up. Part of the commit
   */
  public record Device(
      String id,
      boolean iterative,
      long earlyBytes,
      long finalBytes,
      Map<Phase, Long> phases,
      Map<String, Long> backEnd) {
    static Device of(Json.Obj device) {
      Map<Phase, Long> phases = new EnumMap<>(Phase.class);
      for (Phase phase : Phase.values()) {
        device.whole(phase.member()).ifPresent(micros -> phases.put(phase, micros));
      }
      // As reported, a commit is part of the load; here each is by itself.
      phases.computeIfPresent(
          Phase.LOAD, (load, micros) -> micros - phases.getOrDefault(Phase.COMMIT, 0L));
      return new Device(
          device.text("id").orElse(""),
          device.flag("iterative").orElse(false),
          device.whole("early-bytes").orElse(0),
          device.whole("final-bytes").orElse(0),
          phases,
          budget(device));
    }

    private static Map<String, Long> budget(Json.Obj device) {
      Map<String, Long> lines = new LinkedHashMap<>();
      Json.Obj blackout =
          device.object("backend").flatMap(b -> b.object("blackout")).orElse(Json.Obj.EMPTY);
      blackout.members().keySet().forEach(n -> lines.put(n, blackout.whole(n).orElse(0)));
      return lines;
    }

    /** How long the phase took; 0 if it was not reported. */
    public long micros(Phase phase) {
      return phases.getOrDefault(phase, 0L);
    }

    /** All phases together: what the device adds to the blackout. */
    public long blackout() {
      return phases.values().stream().mapToLong(Long::longValue).sum();
    }

    private Json json() {
      Json.Builder json =
          Json.object()
              .with("id", id)
              .with("iterative", iterative)
              .with("earlyBytes", earlyBytes)
              .with("finalBytes", finalBytes);
      return json.with("save", micros(Phase.SAVE))
          .with("send", micros(Phase.SEND))
          .with("load", micros(Phase.LOAD) + micros(Phase.COMMIT))
          .with("commit", micros(Phase.COMMIT))
          .build();
    }
  }

  /**
   * What one side did while the guest stood still.
   *
   * @param side {@code source} or {@code destination}
   * @param start microseconds from the stop on the source
   * @param length microseconds
   */
  public record Span(String side, String phase, long start, long length) {
    private static Span of(Json.Obj span) {
      return new Span(
          span.text("side").orElse(""),
          span.text("phase").orElse(""),
          span.whole("start").orElse(0),
          span.whole("length").orElse(0));
    }

    /** When it was over, microseconds from the stop on the source. */
    public long end() {
      return start + length;
    }
  }

  /** The phases of both sides, each side's in order; they overlap. */
  public List<Span> spans() {
    return detail.array("spans").stream().map(s -> Span.of((Json.Obj) s)).toList();
  }

  /** Classes that both sides loaded while the guest stood still. */
  public long classesLoaded() {
    return detail.array("jvm").stream()
        .mapToLong(jvm -> ((Json.Obj) jvm).whole("classes-loaded").orElse(0))
        .sum();
  }

  static Move of(String name, Json.Obj source, ProbeReport probe) {
    Wire wire = new Wire(probe.sent(), probe.received(), probe.lost(), probe.duplicated());
    return of(name, source, probe.blackoutMicros(), wire);
  }

  /**
   * A move as it was told.
   *
   * @param source {@code query-migrate}, or the part of it that {@link #told} gives
   */
  static Move of(String name, Json.Obj source, long blackout, Wire wire) {
    Json.Obj detail = source.object("x-handover").orElse(Json.Obj.EMPTY);
    Json.Obj ram = source.object("ram").orElse(Json.Obj.EMPTY);
    return new Move(
        name,
        detail.whole("total-time").orElse(0),
        detail.whole("setup-time").orElse(0),
        detail.whole("downtime").orElse(0),
        blackout,
        ram.whole("dirty-sync-count").orElse(0),
        ram.whole("transferred").orElse(0),
        ram.whole("total").orElse(0),
        wire,
        detail.array("devices").stream().map(d -> Device.of((Json.Obj) d)).toList(),
        detail);
  }

  /** Of {@code query-migrate}, what a move is made from. */
  Json.Obj told() {
    return Json.object()
        .with("x-handover", detail)
        .with(
            "ram",
            Json.object()
                .with("dirty-sync-count", rounds)
                .with("transferred", ramTransferred)
                .with("total", ramTotal)
                .build())
        .build();
  }

  Json json() {
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
