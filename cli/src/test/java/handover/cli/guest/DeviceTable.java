package handover.cli.guest;

import handover.monitor.json.Json;
import java.util.List;

/**
 * The per-device table of a {@code query-migrate}.
 *
 * @param rows in section order
 */
record DeviceTable(List<Json.Obj> rows) {
  static DeviceTable of(Json.Obj migration) {
    Json.Obj detail = migration.object("x-handover").orElse(Json.Obj.EMPTY);
    return new DeviceTable(detail.array("devices").stream().map(Json.Obj.class::cast).toList());
  }

  /** Whether the device whose section's name ends like this went early. */
  boolean iterative(String name) {
    return rows.stream()
        .filter(row -> row.text("id").orElse("").endsWith(name))
        .findFirst()
        .flatMap(row -> row.flag("iterative"))
        .orElseThrow(() -> new AssertionError("no device " + name + " in " + rows));
  }
}
