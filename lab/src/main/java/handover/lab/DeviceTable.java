package handover.lab;

import handover.lab.Move.Device;
import handover.monitor.json.Json;
import java.util.ArrayList;
import java.util.List;

/** Each device's share of a move, as text. */
public final class DeviceTable {
  private DeviceTable() {}

  /**
   * A heading, and a line for each device in section order; nothing if none was reported.
   *
   * @param detail {@code x-handover} of {@code query-migrate}
   */
  public static List<String> of(Json.Obj detail) {
    List<Json> devices = detail.array("devices");
    List<String> lines = new ArrayList<>();
    if (!devices.isEmpty()) {
      lines.add(
          "%-44s %-9s %10s %10s %9s %9s"
              .formatted("device", "iterative", "early B", "at stop B", "save us", "load us"));
    }
    devices.forEach(device -> lines.add(row(Device.of((Json.Obj) device))));
    return lines;
  }

  private static String row(Device device) {
    return "%-44s %-9s %10d %10d %9d %9d"
        .formatted(
            device.id(),
            device.iterative() ? "yes" : "no",
            device.earlyBytes(),
            device.finalBytes(),
            device.micros(Phase.SAVE),
            device.micros(Phase.LOAD) + device.micros(Phase.COMMIT));
  }
}
