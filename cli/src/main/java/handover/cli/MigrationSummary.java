package handover.cli;

import handover.lab.DeviceTable;
import handover.lab.Waterfall;
import handover.monitor.json.Json;
import java.util.List;
import java.util.Optional;

/** What a finished migration cost: a line, the stop phase by phase, and each device's share. */
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
    append(text, Waterfall.of(detail));
    append(text, DeviceTable.of(detail));
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

  /** A table below what is there, with a line between; a QEMU reports none. */
  private static void append(StringBuilder text, List<String> table) {
    if (!table.isEmpty()) {
      text.append('\n');
      table.forEach(line -> text.append("\n  ").append(line));
    }
  }
}
