package handover.cli;

import handover.lab.Waterfall;
import handover.monitor.json.Json;
import java.util.Optional;

/** What a finished migration cost, in one line and one more per device. */
final class MigrationSummary {
  private MigrationSummary() {}

  /** Empty unless it completed. */
  static Optional<String> of(Json.Obj report) {
    if (!report.text("status").equals(Optional.of("completed"))) {
      return Optional.empty();
    }
    Json.Obj ram = report.object("ram").orElse(Json.Obj.EMPTY);
    StringBuilder text = new StringBuilder();
    text.append(
        "It took %s, downtime %s; %s of memory sent in %d rounds."
            .formatted(
                Quantities.millis(report.whole("total-time").orElse(0)),
                downtime(report),
                Quantities.bytes(ram.whole("transferred").orElse(0)),
                ram.whole("dirty-sync-count").orElse(0)));
    Json.Obj detail = report.object("x-handover").orElse(Json.Obj.EMPTY);
    for (Json each : detail.array("devices")) {
      text.append("\n  ").append(device((Json.Obj) each));
    }
    Waterfall.of(detail).forEach(line -> text.append("\n  ").append(line));
    return Optional.of(text.toString());
  }

  private static String downtime(Json.Obj report) {
    Json.Obj detail = report.object("x-handover").orElse(Json.Obj.EMPTY);
    return detail.whole("downtime").isPresent()
        ? "%.1f ms".formatted(detail.whole("downtime").getAsLong() / 1000.0)
        : report.whole("downtime").isPresent()
            ? report.whole("downtime").getAsLong() + " ms"
            : "not measured";
  }

  private static String device(Json.Obj d) {
    return "%s: %s, %d bytes early, %d at the end, saved in %d us, loaded in %d us"
        .formatted(
            d.text("id").orElse("?"),
            d.flag("iterative").orElse(false) ? "iterative" : "classic",
            d.whole("early-bytes").orElse(0),
            d.whole("final-bytes").orElse(0),
            d.whole("save").orElse(0),
            d.whole("load").orElse(0));
  }
}
