package handover.cli.guest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a machine is made of, as options of {@code handover vm}.
 *
 * @param options each given once, such as {@code -m}
 * @param network properties of the network device
 * @param more further options
 */
record Hardware(Map<String, String> options, Map<String, String> network, List<String> more) {
  /** Properties of a network device of ours that offers what QEMU's does on a plain wire. */
  static final String QUIET_CARD =
      "gso=on,csum=off,guest_csum=off,guest_tso4=off,guest_tso6=off,host_tso4=off,host_tso6=off";

  /** One hart, 64 MiB, a network device that must migrate iteratively. */
  static Hardware usual() {
    return new Hardware(
        Map.of("-m", "64"), Map.of("netdev", "net0", "iterative-mig", "on"), List.of());
  }

  /** The same with one option changed. */
  Hardware with(String option, String value) {
    return new Hardware(changed(options, option, value), network, more);
  }

  /** The same with one property of the network device changed. */
  Hardware withNetwork(String property, String value) {
    return new Hardware(options, changed(network, property, value), more);
  }

  /** The same, to be moved to that QEMU and back on a plain wire. */
  Hardware peerOf(QemuVersion version) {
    Map<String, String> card = new LinkedHashMap<>(network);
    for (String property : QUIET_CARD.split(",", -1)) {
      String[] pair = property.split("=", -1);
      card.put(pair[0], pair[1]);
    }
    String machine = options.get("-M") + ",stream=" + version.stream();
    return new Hardware(changed(options, "-M", machine), card, more);
  }

  /** The same with one more device. */
  Hardware withDevice(String device) {
    List<String> all = new ArrayList<>(more);
    all.addAll(List.of("-device", device));
    return new Hardware(options, network, all);
  }

  /** The command line, with a back end {@code net0} on the wire at {@code hub}. */
  List<String> commandLine(String hub) {
    List<String> words = new ArrayList<>();
    options.forEach((option, value) -> words.addAll(List.of(option, value)));
    words.addAll(List.of("-netdev", "stream,id=net0,addr.type=unix,addr.path=" + hub));
    StringBuilder device = new StringBuilder("virtio-net-device");
    network.forEach((property, value) -> device.append(",%s=%s".formatted(property, value)));
    words.addAll(List.of("-device", device.toString()));
    words.addAll(more);
    return words;
  }

  private static Map<String, String> changed(Map<String, String> from, String key, String value) {
    Map<String, String> copy = new LinkedHashMap<>(from);
    copy.put(key, value);
    return copy;
  }
}
