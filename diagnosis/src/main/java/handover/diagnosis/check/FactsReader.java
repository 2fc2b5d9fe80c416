package handover.diagnosis.check;

import handover.monitor.client.QmpClient;
import handover.monitor.json.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks a machine everything that decides whether it can be migrated. Changes nothing. */
final class FactsReader {
  /**
   * A line of {@code info ramblock}: name, page size, then offset, used and total in hexadecimal.
   */
  private static final Pattern RAM_BLOCK =
      Pattern.compile("^\\s*(\\S+)\\s+\\d+ \\S+\\s+0x[0-9a-f]+\\s+0x([0-9a-f]+)\\s+0x[0-9a-f]+.*$");

  private static final Pattern NETDEV =
      Pattern.compile("^[ \\\\]*(\\S+): (?:index=\\d+,)?type=([a-z-]+).*$");

  /** The newest QEMU of which every question asked here was tried. */
  private static final int LAST_TRIED = 10;

  private final Endpoint endpoint;

  private FactsReader(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  static MachineFacts read(QmpClient client) throws IOException {
    return new FactsReader(new Endpoint(client)).facts();
  }

  private MachineFacts facts() throws IOException {
    Map<String, String> netdevs = netdevs();
    Json.Obj version = endpoint.object("query-version").object("qemu").orElse(Json.Obj.EMPTY);
    List<Json.Obj> cpus = endpoint.objects("query-cpus-fast");
    Optional<String> cpu = cpus.stream().flatMap(c -> c.text("qom-path").stream()).findFirst();
    return new MachineFacts(
        name(version),
        number(version, "major") + "." + number(version, "minor"),
        endpoint.object("query-target").text("arch").orElse(""),
        endpoint.object("query-status").text("status").orElse("unknown"),
        endpoint.object("query-uuid").text("UUID").orElse(""),
        endpoint.get("/machine", "type").map(Endpoint::words).map(FactsReader::machineName),
        endpoint.properties("/machine"),
        cpu.isPresent() ? endpoint.get(cpu.get(), "type").map(Endpoint::words) : Optional.empty(),
        cpus.size(),
        memory(),
        endpoint.object("query-kvm").flag("enabled"),
        cpu.isPresent() ? endpoint.properties(cpu.get()) : Map.of(),
        ramBlocks(),
        new DeviceReader(endpoint, netdevs, number(version, "major") <= LAST_TRIED).read(),
        PciReader.read(endpoint),
        netdevs,
        capabilities(),
        parameters(),
        blockedReasons());
  }

  private String name(Json.Obj version) throws IOException {
    String program =
        endpoint.ask("x-query-devices").isPresent()
            ? MachineFacts.HANDOVER + ", like QEMU "
            : "QEMU ";
    return program
        + "%d.%d.%d"
            .formatted(
                number(version, "major"), number(version, "minor"), number(version, "micro"));
  }

  private static long number(Json.Obj version, String part) {
    return version.whole(part).orElse(0);
  }

  private static String machineName(String type) {
    return type.replaceAll("-machine$", "");
  }

  private OptionalLong memory() throws IOException {
    return endpoint.object("query-memory-size-summary").whole("base-memory");
  }

  private Map<String, Long> ramBlocks() throws IOException {
    String text =
        Endpoint.object(endpoint.ask("x-query-ramblock")).text("human-readable-text").orElse("");
    Map<String, Long> blocks = new LinkedHashMap<>();
    for (String line : (text.isEmpty() ? endpoint.human("info ramblock") : text).lines().toList()) {
      Matcher m = RAM_BLOCK.matcher(line);
      if (m.matches()) {
        blocks.put(m.group(1), Long.parseUnsignedLong(m.group(2), 16));
      }
    }
    if (blocks.isEmpty()) {
      memory().ifPresent(bytes -> blocks.put("guest memory", bytes));
    }
    return blocks;
  }

  private Map<String, String> netdevs() throws IOException {
    Map<String, String> kinds = new LinkedHashMap<>();
    for (String line : endpoint.human("info network").lines().toList()) {
      Matcher m = NETDEV.matcher(line);
      if (m.matches() && !m.group(2).equals("nic")) {
        kinds.put(m.group(1), m.group(2));
      }
    }
    return kinds;
  }

  private Map<String, Boolean> capabilities() throws IOException {
    Map<String, Boolean> states = new LinkedHashMap<>();
    for (Json.Obj c : endpoint.objects("query-migrate-capabilities")) {
      states.put(c.text("capability").orElse("?"), c.flag("state").orElse(false));
    }
    return states;
  }

  private Map<String, String> parameters() throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    endpoint
        .object("query-migrate-parameters")
        .members()
        .forEach((name, value) -> values.put(name, Endpoint.words(value)));
    return values;
  }

  private List<String> blockedReasons() throws IOException {
    return endpoint.object("query-migrate").array("blocked-reasons").stream()
        .map(Endpoint::words)
        .toList();
  }
}
