package handover.diagnosis.check;

import handover.devices.virtio.VirtioFeatures;
import handover.monitor.json.Json;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A virtio device as {@code x-query-virtio-status} shows it.
 *
 * @param running whether a driver drives it
 * @param offered features by the names of their properties
 * @param accepted those of them that the driver uses
 */
record VirtioStatus(boolean running, Set<String> offered, Set<String> accepted) {
  /**
   * Reads an answer.
   *
   * @param device its kind, such as {@code virtio-net}
   */
  static VirtioStatus of(String device, Json.Obj status) {
    String steps = String.valueOf(status.get("status").orElse(Json.Null.NULL));
    return new VirtioStatus(
        steps.contains("DRIVER_OK"),
        names(device, status.object("host-features")),
        names(device, status.object("guest-features")));
  }

  private static Set<String> names(String device, Optional<Json.Obj> features) {
    Set<String> names = new TreeSet<>();
    features.stream()
        .flatMap(f -> Stream.of("transports", "dev-features").flatMap(k -> f.array(k).stream()))
        .map(Endpoint::words)
        .map(words -> words.replaceFirst(":.*$", ""))
        .flatMap(constant -> VirtioFeatures.ofConstant(device, constant).stream())
        .forEach(bit -> names.add(VirtioFeatures.name(device, bit)));
    return names;
  }
}
