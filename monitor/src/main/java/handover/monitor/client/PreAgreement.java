package handover.monitor.client;

import handover.devices.NearestName;
import handover.monitor.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares two machines over QMP before anything is moved: every difference is found at once, with
 * both values. A server that does not know a query (an older QEMU) is not compared in that point.
 */
final class PreAgreement {
  private final QmpClient source;
  private final QmpClient destination;
  private final List<String> differences = new ArrayList<>();

  private PreAgreement(QmpClient source, QmpClient destination) {
    this.source = source;
    this.destination = destination;
  }

  /** Every reason not to begin; empty if there is none. */
  static List<String> differences(QmpClient source, QmpClient destination, MigrationPlan plan)
      throws IOException {
    PreAgreement agreement = new PreAgreement(source, destination);
    agreement.compareStates();
    agreement.compareMachines();
    agreement.compareDevices();
    agreement.checkCapabilities(plan.capabilities().keySet());
    agreement.checkParameters(plan.parameters().keySet());
    return agreement.differences;
  }

  private void compareStates() throws IOException {
    String from = ask(source, "query-status").text("status").orElse("unknown");
    String to = ask(destination, "query-status").text("status").orElse("unknown");
    if (!Set.of("running", "paused", "prelaunch", "suspended").contains(from)) {
      differences.add(
          "the source is '%s'; only a running or paused guest can be sent".formatted(from));
    }
    if (!to.equals("inmigrate")) {
      differences.add("the destination is '%s'; start it with -incoming defer".formatted(to));
    }
    String status = ask(source, "query-migrate").text("status").orElse("none");
    if (Set.of("setup", "active", "device", "cancelling", "pre-switchover").contains(status)) {
      differences.add("the source is already migrating (status '%s')".formatted(status));
    }
  }

  private void compareMachines() throws IOException {
    compareMember("guest memory in bytes (-m)", "query-memory-size-summary", "base-memory");
    compareMember("instruction set", "query-target", "arch");
    Optional<Json> from = tryAsk(source, "query-cpus-fast");
    Optional<Json> to = tryAsk(destination, "query-cpus-fast");
    if (from.isPresent() && to.isPresent()) {
      compareHarts(size(from.get()), size(to.get()));
    }
  }

  /** Each CPU of x86 has sections of its own, and one that no section comes for does no harm. */
  private void compareHarts(int from, int to) throws IOException {
    String arch = ask(source, "query-target").text("arch").orElse("");
    if (from > to || !Set.of("i386", "x86_64").contains(arch)) {
      compare("number of harts (-smp)", "" + from, "" + to);
    }
  }

  private static int size(Json value) {
    return value instanceof Json.Arr(List<Json> elements) ? elements.size() : 0;
  }

  private void compareMember(String what, String query, String member) throws IOException {
    Optional<Json> from = member(tryAsk(source, query), member);
    Optional<Json> to = member(tryAsk(destination, query), member);
    if (from.isPresent() && to.isPresent()) {
      compare(what, from.get().toString(), to.get().toString());
    }
  }

  private static Optional<Json> member(Optional<Json> answer, String member) {
    return answer.flatMap(
        a -> a instanceof Json.Obj object ? object.get(member) : Optional.empty());
  }

  private void compare(String what, String from, String to) {
    if (!from.equals(to)) {
      differences.add("%s: the source has %s, the destination %s".formatted(what, from, to));
    }
  }

  /** Only this program answers x-query-devices; between others the stream itself has to tell. */
  private void compareDevices() throws IOException {
    Optional<Json> from = tryAsk(source, "x-query-devices");
    Optional<Json> to = tryAsk(destination, "x-query-devices");
    if (from.isEmpty() || to.isEmpty()) {
      return;
    }
    Map<String, Json> there = agreedValues(to.get());
    Map<String, Json> here = agreedValues(from.get());
    TreeSet<String> all = new TreeSet<>(here.keySet());
    all.addAll(there.keySet());
    for (String path : all) {
      compare(path, value(here, path), value(there, path));
    }
  }

  private static String value(Map<String, Json> values, String path) {
    return values.containsKey(path) ? values.get(path).toString() : "no such device";
  }

  private static Map<String, Json> agreedValues(Json devices) {
    Map<String, Json> values = new LinkedHashMap<>();
    if (!(devices instanceof Json.Arr(List<Json> list))) {
      return values;
    }
    for (Json each : list) {
      Json.Obj device = (Json.Obj) each;
      String path = device.text("qom-path").orElse("?");
      values.put(path, Json.of(device.text("driver").orElse("?")));
      for (Json p : device.array("properties")) {
        Json.Obj property = (Json.Obj) p;
        if (property.flag("agreed").orElse(false)) {
          values.put(
              path + "." + property.text("name").orElse("?"),
              property.get("value").orElse(Json.Null.NULL));
        }
      }
    }
    return values;
  }

  private void checkCapabilities(Set<String> asked) throws IOException {
    for (Map.Entry<String, QmpClient> side : sides().entrySet()) {
      Set<String> known = new TreeSet<>();
      tryAsk(side.getValue(), "query-migrate-capabilities")
          .ifPresent(a -> names(a).forEach(known::add));
      requireKnown(side.getKey(), "capability", asked, known);
    }
  }

  private void checkParameters(Set<String> asked) throws IOException {
    for (Map.Entry<String, QmpClient> side : sides().entrySet()) {
      Set<String> known = ask(side.getValue(), "query-migrate-parameters").members().keySet();
      requireKnown(side.getKey(), "parameter", asked, known);
    }
  }

  private Map<String, QmpClient> sides() {
    Map<String, QmpClient> sides = new LinkedHashMap<>();
    sides.put("source", source);
    sides.put("destination", destination);
    return sides;
  }

  private static List<String> names(Json capabilities) {
    return capabilities instanceof Json.Arr(List<Json> list)
        ? list.stream().map(c -> ((Json.Obj) c).text("capability").orElse("?")).toList()
        : List.of();
  }

  private void requireKnown(String side, String kind, Set<String> asked, Set<String> known) {
    for (String name : asked) {
      if (!known.contains(name)) {
        differences.add(
            "the %s has no migration %s '%s'%s"
                .formatted(side, kind, name, NearestName.hint(name, known)));
      }
    }
  }

  private static Json.Obj ask(QmpClient side, String query) throws IOException {
    return tryAsk(side, query)
        .filter(Json.Obj.class::isInstance)
        .map(Json.Obj.class::cast)
        .orElse(Json.Obj.EMPTY);
  }

  private static Optional<Json> tryAsk(QmpClient side, String query) throws IOException {
    try {
      return Optional.of(side.execute(query));
    } catch (QmpErrorException e) {
      return Optional.empty();
    }
  }
}
