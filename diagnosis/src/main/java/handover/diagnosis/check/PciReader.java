package handover.diagnosis.check;

import handover.monitor.json.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** PCI functions as {@code query-pci} shows them: what a guest cannot change about them. */
final class PciReader {
  private final Map<String, Map<String, String>> functions = new LinkedHashMap<>();

  private PciReader() {}

  static Map<String, Map<String, String>> read(Endpoint endpoint) throws IOException {
    PciReader reader = new PciReader();
    endpoint.objects("query-pci").forEach(bus -> reader.bus(bus));
    return reader.functions;
  }

  private void bus(Json.Obj bus) {
    for (Json each : bus.array("devices")) {
      if (each instanceof Json.Obj device) {
        functions.put(address(device), fixed(device));
        device.object("pci_bridge").ifPresent(this::bus);
      }
    }
  }

  private static String address(Json.Obj device) {
    return "%02x:%02x.%x"
        .formatted(
            device.whole("bus").orElse(0),
            device.whole("slot").orElse(0),
            device.whole("function").orElse(0));
  }

  private static Map<String, String> fixed(Json.Obj device) {
    Map<String, String> values = new LinkedHashMap<>();
    Json.Obj id = device.object("id").orElse(Json.Obj.EMPTY);
    values.put(
        "id", "%04x:%04x".formatted(id.whole("vendor").orElse(0), id.whole("device").orElse(0)));
    device
        .object("class_info")
        .ifPresent(c -> values.put("class", "0x%04x".formatted(c.whole("class").orElse(0))));
    for (Json each : device.array("regions")) {
      if (each instanceof Json.Obj region) {
        values.put(
            "bar " + region.whole("bar").orElse(0),
            "%s of %d bytes"
                .formatted(region.text("type").orElse("?"), region.whole("size").orElse(0)));
      }
    }
    return values;
  }
}
